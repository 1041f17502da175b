import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carefully, misreadsNames } from './json-parse.ts';

const parse = carefully(JSON.parse.bind(JSON));
const name = fc.oneof(
  fc.constantFrom(
    '',
    '\\',
    '"',
    '\n',
    '\u0000',
    'a',
    'a\\',
    'a"',
    'a\n',
    ':',
    '":',
    '\\":',
    '__proto__',
    '1',
    '\u{e000}0',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    name,
    fc.constantFrom(null, true, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries) as unknown),
  ),
}));

describe('JSON', () => {
  it('is read by this process as it is written, whatever Node does', () => {
    expect(misreadsNames()).toBe(false);
  });

  it('comes back as it was, with every name', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), (document, indent) => {
        const text = JSON.stringify(document, null, indent);
        expect(JSON.stringify(parse(text), null, indent)).toBe(text);
        expect(JSON.stringify(JSON.parse(text), null, indent)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('calls a reviver with the names that are written', () => {
    const seen: string[] = [];
    const text = String.raw`{"\n":{"\\":1,"x\t":2},"b":[3]}`;
    const got = parse(text, function (this: unknown, key: string, inner: unknown) {
      seen.push(key);
      return typeof inner === 'number' ? inner + 1 : inner;
    }) as unknown;
    expect(seen).toEqual(['\\', 'x\t', '\n', '0', 'b', '']);
    expect(got).toEqual({ '\n': { '\\': 2, 'x\t': 3 }, b: [4] });
  });

  it('that is none is refused', () => {
    for (const text of ['', '{', String.raw`{"\x":1}`, String.raw`{"a":1,"\n"}`, String.raw`"\"`, '{"a\\'])
      expect(() => parse(text) as unknown).toThrow(SyntaxError);
  });
});
