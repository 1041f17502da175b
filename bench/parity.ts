import { createHash, randomBytes } from 'node:crypto';
import { findHead, type ParitySettings } from '../src/repository/parity/layout.ts';
import { protectPack, repairPack } from '../src/repository/parity/pack-parity.ts';
import { encodeShards, parityRows } from '../src/repository/parity/reed-solomon.ts';
import { machineLine, row } from './command.ts';

/**
 * `npm run bench:parity [-- MIB]`: what parity of a pack of so many MiB (16) costs in space and time. MB/s of the pack's bytes, by
 * processor time, of which others on the machine take none: encoding alone; making the object (digest, checksums and all);
 * giving the pack back with a burst as long as can be repaired.
 */
const size = Number(process.argv[2] ?? 16) * 1024 * 1024;
const times = 6;
const pack = randomBytes(size);
const id = createHash('sha256').update(pack).digest();
const settings: readonly ParitySettings[] = [
  { data: 32, parity: 1 },
  { data: 16, parity: 2 },
  { data: 16, parity: 4 },
  { data: 10, parity: 4 },
];

function speed(work: () => void): number {
  work();
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (size * times) / (user + system);
}

console.log(`${machineLine()}; a pack of ${size / 1024 / 1024} MiB\n`);
console.log('| shards | space % | encode MB/s | make MB/s | repair MB/s |\n|---|---|---|---|---|');
for (const one of settings) {
  const { data, parity } = one;
  const object = Buffer.concat(protectPack(id, [pack], one));
  const { shard = 0, block = 0 } = findHead(object) ?? {};
  const rows = parityRows(data, parity);
  const damaged = Buffer.from(pack);
  damaged.fill(0, block, parity * shard);
  const speeds = [
    speed(() => encodeShards(pack, Math.floor(size / data), rows)),
    speed(() => protectPack(id, [pack], one)),
    speed(() => {
      if (!repairPack(damaged, object)) throw new Error('not repaired');
    }),
  ];
  const space = ((object.length / size) * 100).toFixed(1);
  console.log(row([`${data} + ${parity}`, space, ...speeds.map((value) => value.toFixed(0))]));
}
