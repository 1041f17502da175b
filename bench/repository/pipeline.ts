import { randomBytes } from 'node:crypto';
import { defaultChunkSizes } from '../../src/repository/chunks/gear.ts';
import { createHandler } from '../../src/repository/engine/handler.ts';
import type { FromWorker, StoreItem, WorkerSetup } from '../../src/repository/engine/messages.ts';
import { createChunkTable } from '../../src/repository/index/chunk-table.ts';
import { filesBelow } from './data.ts';

/**
 * `pipeline.js FOLDER`: what a worker thread of ours does with the files of a folder, on one core and without anything
 * around it. Prints seconds of processor time as JSON: `store` (read, cut, name, compress, seal), `reread` (read, cut, name),
 * `open` (unseal, decompress, compare names), and the `bytes` of the files.
 */
const [folder = ''] = process.argv.slice(2);
const table = createChunkTable();
table.reserve(2_000_000, 2_000_000);
const setup: WorkerSetup = {
  writer: 0,
  repository: randomBytes(16),
  idSecret: randomBytes(32),
  idSalt: randomBytes(16),
  chunkerSecret: randomBytes(32),
  sizes: defaultChunkSizes,
  level: 3,
  segments: table.segments,
  inFlight: new SharedArrayBuffer(4),
  inFlightLimit: 1,
};
const packKey = randomBytes(32);
let bytes = 0;
let open = 0;

function take(message: FromWorker): void {
  if (message.type === 'failed') throw new Error(message.error.message);
  if (message.type !== 'done') return;
  for (const { size, error } of message.items) {
    if (error) throw new Error(error.message);
    bytes += size;
  }
}
const opening = createHandler(
  setup,
  (message) => {
    if (message.type === 'failed') throw new Error(message.error.message);
  },
  () => undefined,
);
const storing = createHandler(setup, take, ({ kind, parts, length }) => {
  const before = seconds();
  const group = { pack: 'none', kind, bytes: Buffer.concat(parts), offset: 0, length, epoch: 0, salt: packKey };
  opening({ type: 'open', job: 0, group, key: packKey });
  open += seconds() - before;
});

function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// As many in a message as the engine sends.
const batch = 64;

function readAll(): void {
  let items: StoreItem[] = [];
  for (const path of filesBelow(folder)) {
    items.push({ file: { path: Buffer.from(path) } });
    if (items.length < batch) continue;
    storing({ type: 'store', job: 0, dry: false, items });
    items = [];
  }
  storing({ type: 'store', job: 0, dry: false, items });
  storing({ type: 'flush', job: 0 });
}

storing({ type: 'session', packKey, staged: undefined });
let started = seconds();
readAll();
const store = seconds() - started - open;
const stored = bytes;
started = seconds();
readAll();
console.log(JSON.stringify({ store, reread: seconds() - started, open, bytes: stored }));
