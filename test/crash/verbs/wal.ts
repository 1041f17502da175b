import { deepStrictEqual, ok } from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyWal } from '../../../src/estate/wal/copy.ts';
import { pruneWal } from '../../../src/estate/wal/prune.ts';
import { receive } from '../../../src/estate/wal/receiver.ts';
import { resumePoint, storedBytes } from '../../../src/estate/wal/resume.ts';
import { pushFile } from '../../../src/estate/wal/segment-file.ts';
import type { WalMessage } from '../../../src/connectors/postgres-cluster/wal-stream.ts';
import type { Repository } from '../../../src/repository/contract.ts';
import { segmentFile } from '../../../src/repository/wal/segments.ts';
import { fewest, reachFrom, spansOf } from '../../../src/repository/wal/spans.ts';
import { walBlock, type WalRun } from '../../../src/repository/wal/contract.ts';
import type { ObjectStore } from '../../../src/storage/contract.ts';
import { putWal, segmentSize, snapshotBase, systemId, walBytes } from '../../pitr/made-base.ts';
import { baseName, create, nameTag, open, prepared, type Place, type Verb } from '../place.ts';

const signal = new AbortController().signal;
const begin = walBlock;

async function runsOf(repository: Repository, timeline = 1): Promise<WalRun[]> {
  const runs: WalRun[] = [];
  for await (const run of repository.wal(systemId).runs(timeline)) runs.push(run);
  return runs;
}

/** Every run is what the server wrote, and from one position to another nothing is missing. */
async function expectWal(place: Place, store: ObjectStore, from: bigint, to: bigint): Promise<void> {
  const repository = await open(place, store);
  const runs = await runsOf(repository);
  ok(from === to || reachFrom(await spansOf(runs), from) >= to, `WAL from ${from} to ${to} is not all there`);
  for (const run of fewest(runs)) {
    const { bytes } = await repository.wal(systemId).read(run);
    ok(Buffer.from(bytes).equals(walBytes(1, run.start, bytes.length)), `WAL from ${run.start} on is another`);
  }
  await repository.close();
}

async function base(place: Place, at: bigint, name: string): Promise<void> {
  const repository = await open(place, place.vault);
  await snapshotBase(repository, at, { tags: { [nameTag]: `${baseName} ${name}` } });
  await repository.close();
}

/** Parts of a block, and the whole of it. */
async function putBlock(repository: Repository, start: bigint): Promise<void> {
  const wal = repository.wal(systemId);
  for (let part = 0n; part < 4n; part++)
    await putWal(wal, 1, start + (part * walBlock) / 4n, start + ((part + 1n) * walBlock) / 4n);
  await putWal(wal, 1, start, start + walBlock);
}

const sent = 5_000;
/** Up to here the server was told that WAL is safe. */
let confirmed = begin;

async function receiveAll(place: Place): Promise<boolean> {
  const repository = await open(place, place.vault);
  const wal = repository.wal(systemId);
  const end = begin + BigInt(sent);
  const identity = { systemId, timeline: 1, position: end };
  const from = (await resumePoint(wal, identity, segmentSize, async () => '')) ?? {
    timeline: 1,
    start: begin,
    stored: begin,
  };
  async function* messages(): AsyncGenerator<WalMessage, void> {
    for (let at = from.start; at < end; at += 1000n)
      yield { type: 'wal', start: at, bytes: walBytes(1, at, 1000), sentAt: 1_700_000_000_000 };
    yield { type: 'end', nextTimeline: 2, switchAt: end };
  }
  const confirm = (durable: bigint): void => void (confirmed = durable > confirmed ? durable : confirmed);
  const events = (): void => undefined;
  const known = await storedBytes(wal, from);
  const { runtime } = place;
  const settings = { wal, segmentSize, runtime, events, flushMs: 0, signal, known, onDurable: () => undefined };
  await receive({ messages: messages(), confirm }, from, settings);
  await repository.close();
  return from.stored < end;
}

async function push(place: Place): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-push-'));
  const repository = await open(place, place.vault);
  const before = (await runsOf(repository)).length;
  try {
    for (let segment = 0n; segment < 3n; segment++) {
      const start = begin + segment * BigInt(segmentSize);
      const bytes = walBytes(1, start, segmentSize);
      bytes.writeBigUInt64LE(start, 8);
      bytes.writeBigUInt64LE(BigInt(systemId), 24);
      bytes.writeUInt32LE(segmentSize, 32);
      const path = join(folder, segmentFile(1, start, segmentSize));
      await writeFile(path, bytes);
      await pushFile(repository, path);
    }
    return (await runsOf(repository)).length > before;
  } finally {
    await rm(folder, { recursive: true });
    await repository.close();
  }
}

async function prune(place: Place): Promise<boolean> {
  const repository = await open(place, place.vault);
  const { outdated, superseded, left } = await pruneWal(repository, systemId, { dryRun: false, signal });
  await repository.close();
  deepStrictEqual(left, 0);
  return outdated + superseded > 0;
}

async function copy(place: Place): Promise<boolean> {
  const source = await open(place, place.vault);
  const target = await open(place, place.target);
  const snapshots = (await source.snapshots()).list;
  const wal = await copyWal(source, target, { snapshots, dryRun: false, signal });
  const report = await source.copyTo(target, { snapshots });
  await source.close();
  await target.close();
  return wal.some(({ objects }) => objects > 0) || report.snapshots.some(({ outcome }) => outcome !== 'present');
}

export const walVerbs: readonly Verb[] = [
  {
    name: 'wal receive',
    async prepare(place) {
      await prepared(place, 'first');
      await putWal((await open(place, place.vault)).wal(systemId), 1, begin, begin + 700n);
    },
    async run(place) {
      confirmed = begin + 700n;
      return await receiveAll(place);
    },
    next: receiveAll,
    keeps: { vault: ['first'] },
    afterDeath: (place) => expectWal(place, place.vault, begin, confirmed),
    atEnd: (place) => expectWal(place, place.vault, begin, begin + BigInt(sent)),
  },
  {
    name: 'wal push',
    prepare: (place) => prepared(place, 'first'),
    run: push,
    keeps: { vault: ['first'] },
    async atEnd(place) {
      const spans = await spansOf(await runsOf(await open(place, place.vault)));
      deepStrictEqual(spans, [{ start: begin, end: begin + 3n * BigInt(segmentSize) }]);
    },
  },
  {
    name: 'wal prune',
    async prepare(place) {
      await prepared(place, 'first');
      const repository = await open(place, place.vault);
      await putBlock(repository, begin);
      await putBlock(repository, begin + walBlock);
      await base(place, begin + walBlock, 'one');
    },
    run: prune,
    keeps: { vault: ['first', `${baseName} one`] },
    afterDeath: (place) => expectWal(place, place.vault, begin + walBlock, begin + 2n * walBlock),
    async atEnd(place) {
      deepStrictEqual((await runsOf(await open(place, place.vault))).length, 1);
      await expectWal(place, place.vault, begin + walBlock, begin + 2n * walBlock);
    },
  },
  {
    name: 'copy, with WAL',
    async prepare(place) {
      await prepared(place, 'first');
      await create(place, place.target);
      const wal = (await open(place, place.vault)).wal(systemId);
      await putWal(wal, 1, begin, begin + 500n);
      await base(place, begin, 'one');
      await copy(place);
      await putWal(wal, 1, begin + 500n, begin + 900n);
      await wal.putHistory(2, '1\t0/1000200\n');
      await putWal(wal, 2, begin, begin + 800n);
      await base(place, begin + 700n, 'two');
    },
    run: copy,
    keeps: { vault: ['first', `${baseName} one`, `${baseName} two`], target: ['first', `${baseName} one`] },
    async afterDeath(place) {
      const target = await open(place, place.target);
      const { list } = await target.snapshots();
      const names = list.map(({ tags }) => tags[nameTag]);
      // A base backup that is there has its WAL, and a timeline says where it comes from.
      await expectWal(place, place.target, begin, begin + (names.includes(`${baseName} two`) ? 900n : 500n));
      if ((await runsOf(target, 2)).length > 0) ok((await target.wal(systemId).history(2)) !== undefined);
    },
    async atEnd(place) {
      await expectWal(place, place.target, begin, begin + 900n);
      deepStrictEqual((await runsOf(await open(place, place.target), 2)).length, 1);
    },
  },
];
