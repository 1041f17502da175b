import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import type { StreamChunker } from '../chunks/stream-chunker.ts';
import { readFileInto } from './store-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-store-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads a small file; `meanwhile` runs after its size was looked at, before it is read. */
function read(path: string, meanwhile: () => void): { readonly text: string | undefined; readonly restarts: number } {
  const memory = Buffer.alloc(1000);
  let restarts = 0;
  const chunker: StreamChunker = {
    space() {
      meanwhile();
      return memory;
    },
    push: refuse,
    filled: refuse,
    end: refuse,
    reset: refuse,
  };
  const { small } = readFileInto({ path: utf8(path) }, chunker, 999, () => restarts++);
  return { text: small?.toString(), restarts };
}

function refuse(): never {
  throw new Error('a small file does not go through the chunker');
}

describe('a small file', () => {
  it.each(['', 'x', 'content'])('of %j is read once', (content) => {
    const path = join(folder, 'file');
    writeFileSync(path, content);
    expect(read(path, () => undefined)).toEqual({ text: content, restarts: 0 });
  });

  it.each(['', 'content'])('of %j that grows meanwhile is read again', (content) => {
    const path = join(folder, 'file');
    writeFileSync(path, content);
    let calls = 0;
    const grow = (): void => void (calls++ === 0 && appendFileSync(path, ' and more'));
    expect(read(path, grow)).toEqual({ text: `${content} and more`, restarts: 1 });
  });

  it('that shrinks meanwhile is read again, and three times at most', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'content');
    let calls = 0;
    expect(read(path, () => void (calls++ === 0 && writeFileSync(path, 'con')))).toEqual({ text: 'con', restarts: 1 });
    expect(() => read(path, () => appendFileSync(path, 'x'))).toThrow(/changed while it was read, 3 times/);
  });
});
