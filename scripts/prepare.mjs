// Makes a fresh clone ready to run: Node's version, npm's packages, the build. Plain JavaScript without dependencies.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const oldestNode = [20, 19];

/** Throws when this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(`Node.js ${oldestNode.join('.')} or newer is needed, and this is ${process.versions.node}.`);
}

/** Installs what package-lock.json says when node_modules is missing or holds other versions. */
export async function installDependencies(log = console.error) {
  if (await isInstalled()) return;
  log('installing the npm packages');
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms. This one takes the same
  // versions from the lock file and leaves that file alone.
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true });
}

/** Compiles what a tsconfig names. */
export async function compile(project) {
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project], {
    quiet: true,
  });
}

/**
 * Runs a command in the checkout. Throws when it fails: with its output in the message where it was `quiet`, which it
 * is not shown otherwise.
 */
export async function run(command, args, { quiet = false, env = process.env } = {}) {
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
  const child = spawn(command, args, { cwd: root, env, stdio });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
  const status = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}\n${said.trim()}`);
}

async function isInstalled() {
  try {
    const wanted = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
    // npm's own record of what it put there; packages for other machines are missing from it.
    const present = JSON.parse(await readFile(path.join(root, 'node_modules', '.package-lock.json'), 'utf8'));
    return Object.entries(wanted.packages).every(([folder, { version, optional }]) => {
      const found = present.packages[folder]?.version;
      return folder === '' || found === version || (optional === true && found === undefined);
    });
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}
