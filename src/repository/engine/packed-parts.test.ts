import { expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import type { ExtractPart } from './messages.ts';
import { packParts, unpackParts } from './packed-parts.ts';

const id = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

it('gives every part back as it was, across a thread', () => {
  const parts: ExtractPart[] = [
    { path: utf8('/a'), whole: true, mode: 0o644, sparse: false, size: 0, chunks: [] },
    {
      path: utf8('/a/é'),
      whole: true,
      mode: 0o7777,
      sparse: true,
      size: 2 ** 40,
      mtimeNs: -1n,
      owner: { uid: 0, gid: 4_294_967_294 },
      chunks: [
        { id: id(1), group: 3, place: 255, offset: 0 },
        { id: id(2), group: 0, place: 0, offset: 2 ** 39 },
      ],
    },
    {
      path: utf8('/b'),
      whole: true,
      mode: 0,
      sparse: false,
      size: 1,
      inline: utf8('x'),
      owner: { gid: 7 },
      chunks: [],
    },
    { path: utf8('/c'), whole: true, mode: 0, sparse: false, size: 0, inline: new Uint8Array(0), chunks: [] },
    { path: utf8('/d'), whole: false, mode: 0o600, sparse: false, size: 5, mtimeNs: 10n ** 20n, chunks: [] },
  ];
  expect([...unpackParts(structuredClone(packParts(parts)))]).toEqual(parts);
  expect([...unpackParts(packParts([]))]).toEqual([]);
});
