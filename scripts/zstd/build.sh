#!/usr/bin/env bash
# Builds src/repository/chunks/zstd-code.ts from the sources of zstd 1.5.7, as the npm package zstd-napi carries them, with
# the compiler that the PyPI package ziglang carries. Only for those who change it: the result is part of the repository.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv zig
zig/bin/pip --quiet install ziglang==0.17.1
npm pack --silent zstd-napi@0.0.13 > /dev/null
tar xzf zstd-napi-0.0.13.tgz
lib=package/deps/zstd/lib
grep -q 'ZSTD_VERSION_RELEASE  *7' "$lib/zstd.h"
# The strategies above lazy2 (levels 13 and more) are left out: they make up a third of the code.
zig/bin/python -m ziglang cc -target wasm32-wasi -mcpu=generic+simd128+bulk_memory+sign_ext+nontrapping_fptoint \
  -O3 -mexec-model=reactor -s -Wl,--no-entry -Wl,--export=__heap_base \
  -DZSTD_DISABLE_ASM=1 -DZSTD_TRACE=0 -DZSTD_LEGACY_SUPPORT=0 -DDEBUGLEVEL=0 \
  -DZSTD_EXCLUDE_BTLAZY2_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTOPT_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTULTRA_BLOCK_COMPRESSOR \
  -I"$lib" "$here/zstd-wasm.c" "$lib"/common/*.c "$lib"/compress/*.c "$lib"/decompress/*.c -o zstd.wasm
node "$here/embed.mjs" zstd.wasm "$here/../../src/repository/chunks/zstd-code.ts"
