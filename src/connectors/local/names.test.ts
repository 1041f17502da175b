import { expect, it } from 'vitest';
import { sortedNames } from './names.ts';

it('gives the same names, few or many, in the order of their bytes', () => {
  for (const count of [0, 1, 9_999, 10_000, 12_345]) {
    const made = Array.from({ length: count }, (_, i) => `${String.fromCharCode(32 + ((i * 7919) % 224))}${i}`);
    const wanted = [...made].sort();
    const names = sortedNames([...made]);
    expect(names.length).toBe(count);
    expect(wanted.every((name, i) => names.at(i) === name)).toBe(true);
  }
});
