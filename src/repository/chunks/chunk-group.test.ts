import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../kernel/bytes.ts';
import { decodeChunkGroup, encodeChunkGroup } from './chunk-group.ts';

const group = encodeChunkGroup([3, 0, 2], utf8('abcde'));

describe('chunk group', () => {
  it('gives back its chunks, also with zeros behind them', () => {
    for (const padding of [0, 1, 1000]) {
      const chunks = decodeChunkGroup(concatBytes([group, new Uint8Array(padding)]), 'here');
      expect(chunks.map((chunk) => chunk.toString())).toEqual(['abc', '', 'de']);
    }
  });

  it('refuses anything else behind them, and less than it announces', () => {
    for (const bytes of [
      concatBytes([group, Uint8Array.of(0, 1)]),
      group.subarray(0, group.length - 1),
      new Uint8Array(0),
    ]) {
      expect(() => decodeChunkGroup(bytes, 'here')).toThrow('here');
    }
  });
});
