import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, matchesAny } from './glob.ts';

describe('name patterns', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything/at.all', true],
    ['acme-*', 'acme-uploads', true],
    ['acme-*', 'xacme-uploads', false],
    ['*-prod', 'acme-prod', true],
    ['*-prod', 'acme-prod2', false],
    ['*a*b', 'xaxxbyb', true],
    ['*a*b', 'xaxxbyc', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'a\u{1f600}c', true],
    ['[abc]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['[]]x', ']x', true],
    ['[a-]', '-', true],
    [String.raw`[\]a]`, ']', true],
    ['{a,b}-prod', 'b-prod', true],
    ['{a,b}-prod', 'c-prod', false],
    ['x{,-staging}', 'x', true],
    ['x{,-staging}', 'x-staging', true],
    ['{a{1,2},b}{x,y}', 'a2y', true],
    ['{a{1,2},b}{x,y}', 'by', true],
    ['{a{1,2},b}{x,y}', 'a3y', false],
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'x', false],
    [String.raw`a\{b`, 'a{b', true],
    ['a.b', 'axb', false],
    ['A', 'a', false],
    ['', '', true],
    ['', 'a', false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(compileGlob(pattern)(name)).toBe(expected);
  });

  it.each(['[abc', 'a{b', '{a,{b}', 'x[!'])('refuses %s, which is never closed', (pattern) => {
    expect(() => compileGlob(pattern)).toThrow(/is never closed/);
  });

  it('refuses a pattern that explodes', () => {
    expect(() => compileGlob('{a,b,c,d,e,f,g,h,i,j}'.repeat(5))).toThrow(/more than 1000/);
  });

  it('agrees with a regular expression built independently', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '.', '[ab]', '[!a]', '{a,bb}');
    const name = fc.array(fc.constantFrom('a', 'b', '.', '-'), { maxLength: 8 }).map((parts) => parts.join(''));
    const asExpression: Readonly<Record<string, string>> = {
      '*': '.*',
      '?': '.',
      '.': String.raw`\.`,
      '[!a]': '[^a]',
      '{a,bb}': '(?:a|bb)',
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), name, (pieces, text) => {
        const expression = new RegExp(`^${pieces.map((p) => asExpression[p] ?? p).join('')}$`, 's');
        expect(compileGlob(pieces.join(''))(text)).toBe(expression.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not slow down on many stars', () => {
    const started = performance.now();
    expect(compileGlob(`${'*a'.repeat(30)}b`)('a'.repeat(2000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('takes any of several patterns', () => {
    expect(matchesAny(['x', 'acme-*'], 'acme-a')).toBe(true);
    expect(matchesAny([], 'acme-a')).toBe(false);
  });
});
