// Makes the virtual environment of the AWS emulators (moto, ministack) in the cache folder, or finds it there.
// Plain JavaScript without dependencies: it runs before `npm ci`. Run by itself it prints the folder.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const installer = path.join(root, 'test', 'emulators', 'install.py');
const oldestPython = [3, 10];

/** The first Python on the PATH that is new enough; an Error that says what to install otherwise. */
export function findPython() {
  const seen = [];
  for (const name of ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const asked = spawnSync(name, ['-c', 'import sys; print(*sys.version_info[:2])'], { encoding: 'utf8' });
    if (asked.status !== 0) continue;
    const [major = 0, minor = 0] = asked.stdout.trim().split(' ').map(Number);
    if (major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1])) return name;
    seen.push(`${name} is ${major}.${minor}`);
  }
  const found = seen.length === 0 ? 'no Python was found on the PATH' : seen.join(', ');
  throw new Error(
    `Python ${oldestPython.join('.')} or newer is needed for the AWS emulators, and ${found}.\n` +
      'On Debian and Ubuntu: apt-get install python3 python3-venv',
  );
}

/**
 * Folder of a complete virtual environment; made when missing, which takes about half a minute. Progress goes to stderr.
 * `lists`: which, instead of that of the emulators: `aws-cli`.
 */
export async function ensureEmulators(...lists) {
  const child = spawn(findPython(), [installer, ...lists], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    if (text.startsWith('installing ')) process.stderr.write(text);
  });
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0) throw new Error(`The emulators could not be installed. ${said.trim()}`);
  return printed.trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await ensureEmulators(...process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
