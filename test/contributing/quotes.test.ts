import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../emulators/index.ts';

/** A path in backquotes at a line's start, and the code block below it. */
const quote = /^`(test\/contributing\/[^`]+)`\n\n```ts\n([\s\S]*?)```$/gm;

it('CONTRIBUTING.md quotes the example as it is', () => {
  const text = readFileSync(path.join(projectRoot, 'CONTRIBUTING.md'), 'utf8');
  const quotes = [...text.matchAll(quote)];
  expect(quotes.map(([, file]) => file)).toContain('test/contributing/example-connector/index.ts');
  for (const [, file = '', quoted] of quotes)
    expect(quoted, file).toBe(readFileSync(path.join(projectRoot, file), 'utf8'));
});
