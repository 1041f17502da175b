// `embed.mjs FROM TO`: a WebAssembly module as a TypeScript constant, packed by brotli.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';

const [, , from, to] = process.argv;
const code = readFileSync(from);
const packed = brotliCompressSync(code).toString('base64');
writeFileSync(
  to,
  `// Made by scripts/zstd/build.sh: zstd 1.5.7 as WebAssembly with SIMD. Copyright (c) Meta Platforms, Inc. and affiliates,
// BSD licence (scripts/zstd/LICENSE). ${code.length} bytes, SHA-256 ${createHash('sha256').update(code).digest('hex')}.
// prettier-ignore
export const zstdCode =
  '${packed}';
`,
);
