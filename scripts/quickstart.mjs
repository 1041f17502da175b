// `npm run quickstart`: installs what is missing, builds, and runs the quickstart (test/estate/quickstart). --keep leaves
// the emulators up at the end.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { ensureEmulators } from './emulators.mjs';
import { compile, installDependencies, requireNode, root } from './prepare.mjs';

const known = new Set(['--keep']);

async function main(args) {
  const unknown = args.filter((arg) => !known.has(arg));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(' ')}. The quickstart takes --keep only.`);
  requireNode();
  await installDependencies();
  await Promise.all([bundle(), compile('test/estate/quickstart/tsconfig.json'), ensureEmulators()]);
  // The SDK's notice about the age of Node would stand in the middle of the story.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const compiled = path.join(root, '.cache', 'quickstart', 'test', 'estate', 'quickstart', 'main.js');
  const { runQuickstart } = await import(pathToFileURL(compiled).href);
  // A reader that went away (`| head`) is an interruption like the others.
  process.stdout.once('error', () => process.emit('SIGHUP'));
  return await runQuickstart({
    program: path.join(root, 'dist', 'cli', 'main.js'),
    size: 'full',
    keep: args.includes('--keep'),
    signals: process,
    colours: process.stdout.isTTY && (process.env.NO_COLOR ?? '') === '',
    write: (text) => process.stdout.write(text),
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
