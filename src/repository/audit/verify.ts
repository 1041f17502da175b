import { mapOrdered } from '../../kernel/concurrency.ts';
import type { AuditHead, AuditProblem, AuditRecord, AuditReport } from './contract.ts';
import { auditKey, auditNumber, auditPrefix, readAudit, type AuditAccess } from './log.ts';

// Small objects: what counts is the way to the store and back.
const readsAtOnce = 16;

/**
 * Reads the whole log and follows its chain. Finds records that are missing, changed, moved or not of this repository. A
 * log whose end was taken away looks like a shorter log: only `anchors` (heads noted earlier, elsewhere) show that.
 */
export async function verifyAudit(access: AuditAccess, anchors: readonly AuditHead[] = []): Promise<AuditReport> {
  const keys: string[] = [];
  for await (const { key } of access.store.list(auditPrefix)) keys.push(key);
  const records: AuditRecord[] = [];
  const problems: AuditProblem[] = [];
  const digests = new Map<number, string>();
  const foreign = new Set<number>();
  let last: AuditHead | undefined;

  function follow(key: string, record: AuditRecord): void {
    const expected = (last?.number ?? 0) + 1;
    let next = expected;
    while (foreign.has(next)) next++;
    if (record.number !== next) {
      const missing = record.number - 1 === next ? `record ${next}` : `records ${next} to ${record.number - 1}`;
      problems.push({ object: auditKey(next), problem: `missing: ${missing}` });
    } else if (record.previous !== (last?.digest ?? '')) {
      const before =
        last === undefined ? 'the first record names one before it' : `does not follow record ${last.number}`;
      problems.push({ object: key, problem: before });
    }
  }
  const found = mapOrdered(keys.reverse(), readsAtOnce, async (key) => ({ key, read: await readAudit(access, key) }));
  for await (const { key, read } of found) {
    if (read === 'gone') continue;
    if (!('record' in read)) {
      problems.push({ object: key, problem: read.problem });
      foreign.add(auditNumber(key) ?? 0);
      continue;
    }
    follow(key, read.record);
    records.push(read.record);
    digests.set(read.record.number, read.digest);
    last = { number: read.record.number, digest: read.digest };
  }
  for (const { number, digest } of anchors) {
    const there = digests.get(number);
    if (there === undefined)
      problems.push({ object: auditKey(number), problem: `missing: record ${number}, noted earlier` });
    else if (there !== digest)
      problems.push({ object: auditKey(number), problem: `record ${number} is not the one noted earlier` });
  }
  return { records, head: last, problems, unfinished: unfinishedOf(records) };
}

function unfinishedOf(records: readonly AuditRecord[]): number[] {
  const ended = new Set(records.map(({ intent }) => intent));
  return records.filter(({ phase, number }) => phase === 'intent' && !ended.has(number)).map(({ number }) => number);
}
