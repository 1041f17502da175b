import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { isCode } from '../../kernel/errors.ts';
import { createParentGuard, safeText } from './safe-path.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'holdfast-path-'));
  folders.push(made);
  return made;
}
function codeOf(call: () => unknown): string {
  try {
    call();
    return 'none';
  } catch (error) {
    return isCode(error, 'restore.path-escapes', 'item.conflict', 'item.not-found') ? error.code : String(error);
  }
}

describe('safe paths', () => {
  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../../x',
    'a/..',
    'a/./b',
    '.',
    'a//b',
    'a/b//',
    '//x',
    'a\0b',
    './a',
  ])('refuses %j', (key) => {
    expect(codeOf(() => safeText(Buffer.from(key)))).toBe('restore.path-escapes');
  });

  it.each(['a', 'a/', 'a/b', '...', '..a', 'a..', '-rf', 'a\nb', 'a\\..\\b', ' '])('takes %j', (key) => {
    expect(codeOf(() => safeText(Buffer.from(key)))).toBe('none');
  });

  it('never joins to a path outside of the root, for any bytes', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0x2e, 0x2f, 0x00, 0x61, 0x5c, 0xff), fc.nat(255)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(bytes, fc.constantFrom('', '/r', '/r/s'), (key, root) => {
        let joined: string;
        try {
          joined = `${root}/${safeText(Buffer.from(key))}`;
        } catch (error) {
          expect(isCode(error, 'restore.path-escapes')).toBe(true);
          return;
        }
        const inside = `${root}/`;
        expect(joined.startsWith(inside) && joined.length > inside.length).toBe(true);
        expect(normalize(joined)).toBe(joined);
        expect(joined).not.toContain('\0');
      }),
      { numRuns: 5000 },
    );
  });

  it('does not follow links in a parent position, whatever the depth', () => {
    const root = folder();
    const outside = folder();
    mkdirSync(join(root, 'a/b'), { recursive: true });
    symlinkSync(outside, join(root, 'a/link'));
    symlinkSync(outside, join(root, 'top'));
    writeFileSync(join(root, 'file'), '');
    const guard = createParentGuard(Buffer.from(root));
    expect(codeOf(() => guard.require(Buffer.from('a/b/x')))).toBe('none');
    expect(codeOf(() => guard.require(Buffer.from('a/link/x')))).toBe('restore.path-escapes');
    expect(codeOf(() => guard.makeParents(Buffer.from('top/deep/x')))).toBe('restore.path-escapes');
    expect(codeOf(() => guard.require(Buffer.from('file/x')))).toBe('item.conflict');
    expect(codeOf(() => guard.require(Buffer.from('none/x')))).toBe('item.not-found');
    expect([guard.state(Buffer.from('a/link/x')), guard.state(Buffer.from('none/x'))]).toEqual(['blocked', 'missing']);
    guard.makeParents(Buffer.from('new/deep/x'));
    expect(guard.state(Buffer.from('new/deep/x'))).toBe('ready');
    expect(readdirSync(outside)).toEqual([]);
  });

  it('follows the target itself when it is a link: the person named it', () => {
    const real = folder();
    const link = join(folder(), 'link');
    symlinkSync(real, link);
    createParentGuard(Buffer.from(link)).makeParents(Buffer.from('a/x'));
    expect(readdirSync(real)).toEqual(['a']);
  });

  it('writes nothing outside for any keys and any links among them', () => {
    const part = fc.constantFrom('a', 'b', '..', '.', '', 'l');
    const keys = fc.array(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((p) => p.join('/')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(keys, fc.constantFrom('..', '/', '../..', 'a'), (list, target) => {
        const base = folder();
        const root = join(base, 'target');
        mkdirSync(root);
        symlinkSync(target, join(root, 'l'));
        const guard = createParentGuard(Buffer.from(root));
        for (const key of list) codeOf(() => guard.makeParents(Buffer.from(key)));
        expect(readdirSync(base)).toEqual(['target']);
        rmSync(base, { recursive: true });
      }),
      { numRuns: 200 },
    );
  });
});
