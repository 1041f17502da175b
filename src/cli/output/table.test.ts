import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTable } from './table.ts';
import { displayWidth } from './text.ts';

test('columns are aligned, numbers stand right, no line ends in spaces', () => {
  const lines = renderTable(
    [{ title: 'NAME' }, { title: 'SIZE', align: 'right' }, { title: 'NOTE' }],
    [
      ['a', '1.0 MiB', ''],
      ['日本語', '12 B', 'x'],
    ],
  );
  expect(lines).toEqual(['NAME       SIZE  NOTE', 'a       1.0 MiB', '日本語     12 B  x']);
});

test('coloured cells do not shift their neighbours', () => {
  const [, first, second] = renderTable(
    [{ title: 'A' }, { title: 'B' }],
    [
      ['\u001b[31mno\u001b[39m', 'x'],
      ['yes', 'y'],
    ],
  );
  expect(first).toBe('\u001b[31mno\u001b[39m   x');
  expect(second).toBe('yes  y');
});

test('a table with a column that may shrink fits the terminal', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 200 }), { minLength: 1 }), (names) => {
      const rows = names.map((name) => [name.replaceAll(/\s/g, '_'), '12']);
      const lines = renderTable(
        [
          { title: 'NAME', shrink: true },
          { title: 'N', align: 'right' },
        ],
        rows,
        40,
      );
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(40);
    }),
  );
});
