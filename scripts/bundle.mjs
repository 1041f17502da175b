// Bundles the product: `node scripts/bundle.mjs [FOLDER]`, dist/ without one. A command that is started often (a script, a
// schedule, completion) loads a few files instead of some 450, which halves what it costs to start
// (docs/decisions/0004-bundle.md). The type check is apart: `npm run types`.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Writes `cli/main.js` and what it imports, when it imports it, to the folder; what was there before goes. */
export async function bundle(folder = path.join(root, 'dist')) {
  // Imported here: a fresh clone runs this file's callers before there are packages.
  const { build } = await import('esbuild');
  await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    // The worker lies beside the chunks: whoever starts it is one of them (src/repository/engine/pool.ts).
    entryPoints: { 'cli/main': 'src/cli/main.ts', 'chunks/worker': 'src/repository/engine/worker.ts' },
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'linked',
    logLevel: 'warning',
    // The packages' own modules, of which only what is used is taken.
    mainFields: ['module', 'main'],
    // Packages with native code, which may be absent.
    external: ['@napi-rs/xattr', 'zstd-napi'],
    // Packages that are CommonJS inside ask for Node's modules by `require`.
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2]);
