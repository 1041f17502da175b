import { asHoldfastError, isCode } from '../../kernel/errors.ts';
import type { EventSink } from '../../kernel/events.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import { encodeCbor, type CborMap } from '../format/cbor.ts';
import { putOptions, sealDocument, type WritePolicy } from '../format/document.ts';
import type { Actor, Audit, AuditRecord } from './contract.ts';
import { auditEnd, auditKey, type AuditAccess } from './log.ts';

export interface AuditSettings extends AuditAccess {
  readonly runtime: Runtime;
  readonly actor: Actor;
  readonly policy: () => WritePolicy;
  readonly events: EventSink;
}

/**
 * The audit log: write-once objects with ascending numbers. Each holds the digest of the one before, so that taking one
 * out, or putting another in its place, breaks the chain. Of two that write at once one takes the next number.
 */
export function createAudit(settings: AuditSettings): Audit {
  const { events } = settings;
  return {
    async record(action, details) {
      await append(settings, { action, phase: 'done', details });
    },
    async during(action, details, work, outcome) {
      const intent = await append(settings, { action, phase: 'intent', details });
      async function ended(found: AuditRecord['details']): Promise<void> {
        try {
          await append(settings, { action, phase: 'outcome', intent, details: found });
        } catch (error) {
          const message = `the audit log lacks the outcome of ${action}: ${asHoldfastError(error).message}`;
          events({ type: 'notice', level: 'warning', message });
        }
      }
      try {
        const result = await work();
        await ended({ result: 'done', ...outcome?.(result) });
        return result;
      } catch (error) {
        await ended({ result: 'failed', code: asHoldfastError(error).code });
        throw error;
      }
    },
  };
}

/** Returns the record's number. */
async function append(
  settings: AuditSettings,
  entry: Pick<AuditRecord, 'action' | 'phase' | 'intent' | 'details'>,
): Promise<number> {
  const { store, keyring, runtime, actor } = settings;
  for (;;) {
    const { head, foreign } = await auditEnd(settings);
    let number = (head?.number ?? 0) + 1;
    // What somebody without the key put there must not end the log.
    while (foreign.has(number)) number++;
    const at = runtime.clock.now();
    const record: AuditRecord = { ...entry, number, at, actor, previous: head?.digest ?? '' };
    const policy = settings.policy();
    const bytes = sealDocument(keyring, 'audit', encodeCbor(record as unknown as CborMap), runtime, policy);
    try {
      await store.put(auditKey(number), [bytes], { ifAbsent: true, ...putOptions(policy, 'metadata') });
      return number;
    } catch (error) {
      if (!isCode(error, 'storage.exists')) throw error;
    }
  }
}
