import { HoldfastError } from '../../src/kernel/errors.ts';
import { hex, utf8 } from '../../src/kernel/bytes.ts';
import { plainPolicy, sealDocument } from '../../src/repository/format/document.ts';
import { historyKey, parseWalKey, runKey } from '../../src/repository/wal/names.ts';
import { checkWalHead, openAnyWal, walHeadBytes } from '../../src/repository/wal/object.ts';
import * as samples from './samples.ts';
import { type Target, target, where } from './target.ts';

/** Write-ahead logs: objects, histories, names. */
export const walTargets: readonly Target[] = [
  {
    name: 'wal-object',
    form: 'bytes',
    slow: true,
    samples: samples.walPlains,
    read(plain) {
      const bytes = sealDocument(samples.keyring, 'wal', plain, samples.runtime, plainPolicy);
      checkWalHead(samples.walKey.run, bytes.subarray(0, walHeadBytes), bytes.length, where);
      return hex(openAnyWal(samples.keyring, samples.walKey, bytes, where).bytes);
    },
  },
  target({
    name: 'wal-history',
    form: 'bytes',
    slow: true,
    samples: [samples.walHistory],
    read: (plain) =>
      hex(
        openAnyWal(
          samples.keyring,
          { ...samples.walKey, run: 'history' },
          sealDocument(samples.keyring, 'wal', plain, samples.runtime, plainPolicy),
          where,
        ).bytes,
      ),
  }),
  target({
    name: 'wal-name',
    form: 'bytes',
    samples: samples.walNames.map((name) => utf8(name)),
    // Names are texts of the store; one is accepted only in the form in which it is written.
    read(bytes) {
      const key = Buffer.from(bytes).toString('latin1');
      const name = parseWalKey(key);
      if (!name) throw new HoldfastError('repository.corrupt', 'no name of WAL');
      const { cluster, timeline, run } = name;
      return run === 'history' ? historyKey(cluster, timeline) : runKey(cluster, run);
    },
    write: (key) => Buffer.from(key, 'latin1'),
    canonical: true,
  }),
];
