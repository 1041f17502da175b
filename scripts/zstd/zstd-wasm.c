// What src/repository/chunks/zstd.ts calls: one-shot compression and decompression in memory that JavaScript lays out.
#define ZSTD_STATIC_LINKING_ONLY
#include "zstd.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("compressorSize") size_t compressorSize(int level) { return ZSTD_estimateCCtxSize(level); }

EXPORT("createCompressor") ZSTD_CCtx *createCompressor(void *at, size_t size) { return ZSTD_initStaticCCtx(at, size); }

EXPORT("setParameter") size_t setParameter(ZSTD_CCtx *context, int parameter, int value) {
  return ZSTD_CCtx_setParameter(context, (ZSTD_cParameter)parameter, value);
}

EXPORT("compress") size_t compress(ZSTD_CCtx *context, void *to, size_t room, const void *from, size_t length) {
  return ZSTD_compress2(context, to, room, from, length);
}

EXPORT("compressBound") size_t compressBound(size_t length) { return ZSTD_compressBound(length); }

EXPORT("decompressorSize") size_t decompressorSize(void) { return ZSTD_estimateDCtxSize(); }

EXPORT("createDecompressor") ZSTD_DCtx *createDecompressor(void *at, size_t size) {
  return ZSTD_initStaticDCtx(at, size);
}

EXPORT("decompress") size_t decompress(ZSTD_DCtx *context, void *to, size_t room, const void *from, size_t length) {
  return ZSTD_decompressDCtx(context, to, room, from, length);
}

EXPORT("isError") unsigned isError(size_t result) { return ZSTD_isError(result); }
