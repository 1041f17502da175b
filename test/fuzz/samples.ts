import { systemClock, type Runtime } from '../../src/kernel/runtime.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { ResourceRecord } from '../../src/repository/contract.ts';
import type { RestorePlan } from '../../src/estate/restore-contract.ts';
import { newConfiguration } from '../../src/repository/configuration.ts';
import type { Cbor, CborMap } from '../../src/repository/format/cbor.ts';
import type { PackRecord } from '../../src/repository/format/pack-directory.ts';
import { encodeTreeRef } from '../../src/repository/session/record.ts';
import { encodeChunkRef } from '../../src/repository/tree/content.ts';
import type { TreeRef } from '../../src/repository/tree/page.ts';
import { clusterPrefix, historyKey, runKey } from '../../src/repository/wal/names.ts';
import { vectorBytes, vectorKeyring } from '../../src/repository/vectors-for-test.ts';

export const keyring = vectorKeyring;
const at = Date.parse('2026-11-20T02:00:00.000Z');

/** Clock and random source of whatever is sealed here: the same each time. */
export const runtime: Runtime = {
  clock: { ...systemClock, now: () => at },
  random: { bytes: (length) => vectorBytes('fuzz', length) },
};

export const treeRef: TreeRef = { id: vectorBytes('root', 32), level: 1, entries: 300, bytes: 1_234_567 };

const record: ResourceRecord = {
  ref: { type: 'local', name: 'tools', id: '/srv/tools', region: 'local', account: 'local' },
  tags: { team: 'site' },
  site: 'shop',
  source: 'tools',
  startedAt: at,
  finishedAt: at + 900,
  outcome: 'partial',
  entries: 300,
  bytes: 1_234_567,
  reused: 7,
  checksum: 'ab'.repeat(32),
  ledger: [{ class: 'needs-human', what: 'owners', why: 'other machine', action: 'check them', count: 3 }],
  failures: [{ code: 'item.denied', message: 'may not be read', item: 'files/x' }],
  failed: 1,
};

export const resource = {
  record: record as unknown as CborMap,
  roots: { files: encodeTreeRef(treeRef), '': encodeTreeRef({ ...treeRef, level: 0 }) },
};

export const snapshot: CborMap = {
  info: {
    id: 'e'.repeat(32),
    estate: 'acme',
    host: 'build-1',
    startedAt: at,
    committedAt: at + 1000,
    outcome: 'complete',
    tags: { nightly: '1' },
    totals: { resources: 1, entries: 300, bytes: 1_234_567, reused: 7, storedBytes: 88 },
    parent: 'd'.repeat(32),
  },
  sources: [
    { source: 'tools', type: 'local', selection: 'site=shop', expected: 2, captured: 1, partial: 1, failures: [] },
    { source: 'logs', type: 'local', captured: 0, partial: 0, failures: [{ code: 'item.denied', message: 'no' }] },
  ],
  root: encodeTreeRef(treeRef),
  generation: 12,
};

export const checkpoint: CborMap = {
  session: 'c'.repeat(32),
  estate: 'acme',
  host: 'build-1',
  startedAt: at,
  announcedAt: at + 5,
  marks: vectorBytes('marks', 32),
  finished: { 'local/tools': resource },
  partial: { 'local/logs': resource.roots },
  storedBytes: 99,
};

export const mark: CborMap = {
  id: 'f'.repeat(32),
  packs: [
    { kind: 0, reason: 'unused', names: vectorBytes('packs', 64), sizes: Uint8Array.from([...u64(70_000), ...u64(1)]) },
    { kind: 1, reason: 'orphan', names: vectorBytes('pack', 32), sizes: Uint8Array.from(u64(500)) },
  ],
};

export const audit: CborMap = {
  number: 3,
  at,
  actor: { host: 'build-1', user: 'root' },
  action: 'repair',
  phase: 'outcome',
  intent: 2,
  details: { result: 'done', snapshots: [{ id: 'e'.repeat(32) }] },
  previous: 'ab'.repeat(32),
};

export const lock: CborMap = {
  at,
  groups: [
    {
      until: at + 1e9,
      mode: 'governance',
      data: vectorBytes('data', 64),
      meta: vectorBytes('meta', 32),
      others: ['config/00000001', 'keys/x'],
    },
  ],
};

/** A run and its name; the history of the timeline; names of both. */
const cluster = clusterPrefix(keyring, '7710763647171895596');
export const walKey = { cluster, timeline: 3, run: { timeline: 3, start: 0x1000010n, end: 0x1000020n } };
const walFields = { timeline: 3, segmentSize: 0x1000000, sentAt: at };
export const walPlains = [
  walPlain('7710763647171895596', { ...walFields, start: 0x1000010n, end: 0x1000020n }, vectorBytes('wal', 16)),
];
export const walHistory = walPlain(
  '7710763647171895596',
  { ...walFields, segmentSize: 0, sentAt: 0, start: 0n, end: 0n },
  utf8('1\t0/1000008\tno recovery target specified\n'),
);
export const walNames = [runKey(cluster, walKey.run), historyKey(cluster, 3)];

function walPlain(
  systemId: string,
  fields: { timeline: number; start: bigint; end: bigint; segmentSize: number; sentAt: number },
  bytes: Uint8Array,
): Uint8Array {
  const head = Buffer.alloc(48);
  head.write('HWAL');
  head.writeUInt32LE(fields.timeline, 4);
  head.writeBigUInt64LE(BigInt(systemId), 8);
  head.writeBigUInt64LE(fields.start, 16);
  head.writeBigUInt64LE(fields.end, 24);
  head.writeUInt32LE(fields.segmentSize, 32);
  head.writeBigUInt64LE(BigInt(fields.sentAt), 40);
  return Buffer.concat([head, bytes]);
}

export const entries: readonly CborMap[] = [
  { k: 0, i: utf8('{}\n'), s: 3, f: 'W/"1"' },
  {
    a: { mode: 420, mtimeNs: '1', list: [1.5, null, true] },
    c: Buffer.concat([encodeChunkRef(vectorBytes('one', 32), 262_144), encodeChunkRef(vectorBytes('two', 32), 9)]),
    d: { type: 'text/plain' },
    f: 'etag',
    k: 1,
    n: 1,
    s: 262_153,
    x: true,
  },
  { k: 3 },
];

export const packRecords: readonly PackRecord[] = [
  {
    id: vectorBytes('id', 32),
    kind: 'data',
    size: 80_000,
    salt: vectorBytes('salt', 32),
    epoch: 1,
    keyMode: 'epoch',
    groups: [
      { offset: 64, length: 70_000, chunkCount: 2, ids: vectorBytes('ids', 64) },
      { offset: 70_064, length: 300, chunkCount: 1, ids: vectorBytes('more', 32) },
    ],
  },
  {
    id: vectorBytes('other', 32),
    kind: 'metadata',
    size: 500,
    salt: vectorBytes('salt', 32),
    epoch: 1,
    keyMode: 'recipient',
    writer: vectorBytes('writer', 16),
    groups: [],
  },
];

export const cborValues: readonly Cbor[] = [
  resource,
  [1, -1, 23, 24, 255, 256, 65_536, 2 ** 32, -(2 ** 40), 1.5, -0, 1e300, 'é', '\ufffd', null, true, new Uint8Array(30)],
  { a: { b: [{ c: 'x'.repeat(300) }] }, aa: {}, '': [], ü: 0, __proto__x: 1 },
];

export const configuration = newConfiguration(keyring.repository, at, { ['a'.repeat(32)]: 'b'.repeat(64) });

export const plan: Omit<RestorePlan, 'seal'> = {
  schema: 1,
  snapshot: 'e'.repeat(32),
  estate: 'acme',
  createdAt: '2026-11-20T02:00:00.000Z',
  request: { path: '', to: { directory: 'out' }, mode: 'create-missing', rename: [{ from: 'a', to: 'b' }] },
  actions: [
    {
      id: 'local/tools',
      resource: { type: 'local', name: 'tools', id: '/srv/tools', region: 'local', account: 'local' },
      operation: 'write',
      title: 'write tools',
      effect: 'create',
      dependsOn: [],
      input: { files: 3 },
    },
  ],
  skipped: [{ resource: 'local/logs', reason: 'not asked for' }],
  items: 3,
  bytes: 4,
  ledger: [{ resource: 'local/tools', class: 'exact', what: 'files' }],
  targetState: 'ab',
};

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
