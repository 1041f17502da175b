import type { SourceConfig } from '../config/contract.ts';
import { toRecord, type HoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { ResourceRecord, SourceRecord } from '../repository/contract.ts';

/** Expected against captured of one source, told as events while it grows. */
export interface SourceTally {
  readonly source: SourceConfig;
  found(): void;
  listingFailed(error: HoldfastError, where: string): void;
  targetDone(): void;
  resourceDone(key: string, record: ResourceRecord): void;
  record(): SourceRecord;
}

/** `targets`: listings the source consists of; it is finished when they and all resources found are. */
export function createTally(source: SourceConfig, targets: number, events: EventSink): SourceTally {
  const failures: { code: string; message: string; resource?: string }[] = [];
  let expected = 0;
  let captured = 0;
  let partial = 0;
  let listings = targets;
  let listed = true;

  function finishIfDone(): void {
    if (listings > 0 || captured + partial < expected) return;
    const outcome = captured === 0 && !listed ? 'failed' : failures.length > 0 ? 'partial' : 'ok';
    events({ type: 'source.finished', source: source.name, outcome });
  }
  events({ type: 'source.started', source: source.name });
  return {
    source,
    found() {
      expected++;
      events({ type: 'source.found', source: source.name, resources: expected });
    },
    listingFailed(error, where) {
      listed = false;
      failures.push({ code: error.code, message: error.message, resource: error.resource ?? where });
      events({ type: 'item.failed', source: source.name, resource: error.resource ?? where, error: toRecord(error) });
    },
    targetDone() {
      listings--;
      if (listings === 0) events({ type: 'source.found', source: source.name, resources: expected });
      finishIfDone();
    },
    resourceDone(key, record) {
      if (record.outcome === 'complete') captured++;
      else partial++;
      for (const { code, message, item } of record.failures)
        failures.push({ code, message, resource: item === undefined ? key : `${key}/${item}` });
      if (record.failed > record.failures.length) {
        const more = record.failed - record.failures.length;
        failures.push({ code: 'snapshot.partial', message: `and ${more} more items of ${key}`, resource: key });
      }
      finishIfDone();
    },
    record: () => ({
      source: source.name,
      type: source.type,
      ...(listed ? { expected } : {}),
      captured,
      partial,
      failures: failures.slice(0, mostFailures),
    }),
  };
}

/** The rest is in the records of the resources. */
const mostFailures = 1000;
