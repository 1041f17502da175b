// For `node --import`: counts the calls that change files below a folder, in all threads of the process, and ends the process with SIGKILL
// before or after one of them. Told by its own URL: `root`, `log` (a byte for each call), `at` (the number of the call), `when`.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import process from 'node:process';

const settings = new URL(import.meta.url).searchParams;
const root = settings.get('root') ?? '';
const at = Number(settings.get('at'));
const { appendFileSync, statSync } = fs;
const log = settings.get('log') ?? '';
const tracked = new Set();

/** True when the process is to end right after this call. */
function begin() {
  appendFileSync(log, '.');
  const isLast = at > 0 && statSync(log).size >= at;
  if (isLast && settings.get('when') === 'before') process.kill(process.pid, 'SIGKILL');
  return isLast;
}

function end(isLast) {
  if (isLast) process.kill(process.pid, 'SIGKILL');
}

function isBelow(path) {
  if (typeof path !== 'string' && !Buffer.isBuffer(path)) return false;
  const full = resolve(String(path));
  return full === root || full.startsWith(root + sep);
}

function isForWriting(flags) {
  return typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(String(flags ?? 'r'));
}

function wrapAsync(name, counts) {
  const original = fs.promises[name];
  fs.promises[name] = async (...args) => {
    if (!counts(args)) return await original(...args);
    const isLast = begin();
    const result = await original(...args);
    end(isLast);
    return result;
  };
}

function wrapSync(name, counts) {
  const original = fs[name];
  fs[name] = (...args) => {
    if (!counts(args)) return original(...args);
    const isLast = begin();
    const result = original(...args);
    end(isLast);
    return result;
  };
}

const isEitherBelow = ([from, to]) => isBelow(from) || isBelow(to);
const isFirstBelow = ([path]) => isBelow(path);
for (const name of ['rename', 'link']) {
  wrapAsync(name, isEitherBelow);
  wrapSync(`${name}Sync`, isEitherBelow);
}
for (const name of ['unlink', 'rm', 'mkdir', 'writeFile']) {
  wrapAsync(name, isFirstBelow);
  wrapSync(`${name}Sync`, isFirstBelow);
}
wrapAsync('open', ([path, flags]) => isBelow(path) && isForWriting(flags));
wrapSync('openSync', ([path, flags]) => isBelow(path) && isForWriting(flags));
for (const name of ['fsyncSync', 'ftruncateSync']) wrapSync(name, ([fd]) => tracked.has(fd));

// What is synced through a handle, and which descriptors belong to the folder.
const { open } = fs.promises;
fs.promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  if (!isBelow(path)) return handle;
  const sync = handle.sync.bind(handle);
  handle.sync = async () => {
    const isLast = begin();
    await sync();
    end(isLast);
  };
  return handle;
};
const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  const fd = openSync(path, ...rest);
  if (isBelow(path)) tracked.add(fd);
  else tracked.delete(fd);
  return fd;
};
syncBuiltinESMExports();
