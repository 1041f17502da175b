import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExclusion, patternProblem } from './exclude.ts';

const text = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');
const excluded = (pattern: string, path: string): boolean => createExclusion([pattern]).matches(text(path));

describe('exclude patterns', () => {
  it.each([
    ['node_modules', 'node_modules', true],
    ['node_modules', 'a/node_modules', false],
    ['**/node_modules', 'node_modules', true],
    ['**/node_modules', 'a/b/node_modules', true],
    ['**/node_modules', 'a/node_modules_old', false],
    ['*.log', 'a.log', true],
    ['*.log', '.log', true],
    ['*.log', 'logs/a.log', false],
    ['**/*.log', 'logs/a.log', true],
    ['a/**', 'a', false],
    ['a/**', 'a/b', true],
    ['a/**', 'a/b/c', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c/zz', false],
    ['a/**/b/**/c', 'a/b/x/b/y/c', true],
    ['**', 'anything/at/all', true],
    ['a**b', 'axxb', true],
    ['a**b', 'a/b', false],
    ['file?.txt', 'file1.txt', true],
    ['file?.txt', 'file.txt', false],
    ['?', 'ü', true],
    ['?', '😀', true],
    ['*é?', 'caféx', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[а-я]', 'ж', true],
    ['[]]', ']', true],
    ['[a-]', '-', true],
    ['[\\]]', ']', true],
    ['[abc', '[abc', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['a\\', 'a\\', true],
    ['-rf *', '-rf x', true],
    ['a\nb', 'a\nb', true],
    ['*', 'a\nb', true],
  ])('%j on %j: %j', (pattern, path, expected) => {
    expect(excluded(pattern, path)).toBe(expected);
  });

  it('matches names that are not UTF-8 by their bytes', () => {
    const name = Buffer.from([0x61, 0xff, 0xc3, 0x62]).toString('latin1');
    expect(createExclusion(['a??b']).matches(name)).toBe(true);
    expect(createExclusion(['a*']).matches(name)).toBe(true);
    expect(createExclusion(['a\uFFFD\uFFFDb']).matches(name)).toBe(false);
  });

  it('restricts a pattern with a final slash to directories', () => {
    const exclusion = createExclusion(['**/build/']);
    expect(exclusion.matches('a/build')).toBe(false);
    expect(exclusion.matchesDirectory('a/build')).toBe(true);
  });

  it('names what is wrong with a pattern', () => {
    for (const bad of ['', '/', '/abs', '../x', 'a/../b', 'a//b', './a', 'a\0b']) {
      expect(patternProblem(bad), JSON.stringify(bad)).toBeDefined();
    }
    for (const good of ['a', '**/a/', '*.log', '[', 'a..b']) expect(patternProblem(good)).toBeUndefined();
  });

  it('agrees with a plain recursive definition', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '**', '/');
    const patterns = fc.array(piece, { minLength: 1, maxLength: 8 }).map((p) => p.join(''));
    const paths = fc.array(fc.constantFrom('a', 'b', '/'), { minLength: 1, maxLength: 8 }).map((p) => p.join(''));
    fc.assert(
      fc.property(patterns, paths, (pattern, path) => {
        fc.pre(patternProblem(pattern) === undefined && !pattern.endsWith('/'));
        fc.pre(path.split('/').every((part) => part !== ''));
        expect(excluded(pattern, path)).toBe(reference(pattern.split('/'), path.split('/')));
      }),
      { numRuns: 3000 },
    );
  });

  it('is not slow on patterns made to be slow', () => {
    const path = `${'a/'.repeat(500)}${'a'.repeat(200)}`;
    expect(excluded(`${'**/*a*a*a*/'.repeat(20)}*a*a*a*b`, path)).toBe(false);
  });
});

function reference(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  if (first === '**') {
    if (rest.length === 0) return path.length > 0;
    return path.some((_, i) => reference(rest, path.slice(i)));
  }
  const name = path[0];
  return name !== undefined && one(first, name) && reference(rest, path.slice(1));
}

function one(glob: string, name: string): boolean {
  if (glob === '') return name === '';
  if (glob[0] === '*') return one(glob.slice(1), name) || (name !== '' && one(glob, name.slice(1)));
  return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && one(glob.slice(1), name.slice(1));
}
