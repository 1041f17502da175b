import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { asBuffer, utf8 } from '../../kernel/bytes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import type { LocalOptions } from './options.ts';
import { captureFolder, fill, localContext, newFolder, removeFolders } from './test-folder.ts';

afterEach(removeFolders);

async function scene() {
  const root = newFolder();
  fill(root, { a: 'a', 'b/c': 'c', d: 'd', same: 'same' });
  linkSync(join(root, 'a'), join(root, 'z'));
  const { captured } = await captureFolder({ path: root });
  return { root, captured, base: { ...localContext({ path: root }), mode: 'create-missing' as const } };
}

async function keysOf(context: RestoreContext<LocalOptions>, { captured }: Awaited<ReturnType<typeof scene>>) {
  const keys: string[] = [];
  for await (const entry of connector.live?.contents?.(context, captured) ?? [])
    keys.push(asBuffer(entry.key).toString());
  return keys;
}

describe('contents that a restore reads', () => {
  it('are those of files that are missing, and with revert-changed of those that differ', async () => {
    const s = await scene();
    rmSync(join(s.root, 'b'), { recursive: true });
    fill(s.root, { d: 'D' });
    expect(await keysOf(s.base, s)).toEqual(['b/c']);
    expect(await keysOf({ ...s.base, mode: 'revert-changed' }, s)).toEqual(['b/c', 'd']);
  });

  it('of a hard link that comes without its first name are those of that one', async () => {
    const s = await scene();
    rmSync(join(s.root, 'z'));
    const only = { collection: 'files', prefix: utf8('z') };
    expect(await keysOf({ ...s.base, only }, s)).toEqual(['a']);
    expect(await keysOf({ ...s.base, only: { collection: 'other', prefix: utf8('z') } }, s)).toEqual([]);
  });

  it('are told without reading any of them: nothing has to be thawed for a plan', async () => {
    const s = await scene();
    rmSync(join(s.root, 'same'));
    fill(s.root, { d: 'D', same: 'same' });
    const read = (): AsyncIterable<Uint8Array> => {
      throw new HoldfastError('storage.frozen', 'archived');
    };
    const archived = {
      ...s.captured,
      read,
      bytes: () => Promise.reject(new HoldfastError('storage.frozen', 'archived')),
    };
    const context = { ...s.base, mode: 'revert-changed' as const };
    expect(await keysOf(context, { ...s, captured: archived })).toEqual(['d']);
  });
});
