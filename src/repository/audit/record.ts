import { createHash } from 'node:crypto';
import { isCode } from '../../kernel/errors.ts';
import type { Runtime } from '../../kernel/runtime.ts';
import type { ObjectStore } from '../../storage/contract.ts';
import { encodeCbor, type CborMap } from '../format/cbor.ts';
import { plainPolicy, sealDocument } from '../format/document.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Actor, Audit, AuditRecord } from './contract.ts';

export const auditPrefix = 'audit/';

export interface AuditSettings {
  readonly store: ObjectStore;
  readonly keyring: Keyring;
  readonly runtime: Runtime;
  readonly actor: Actor;
}

/**
 * The audit log: write-once objects with ascending numbers. Each holds the digest of the one before, so that taking one
 * out, or putting another in its place, breaks the chain. Of two that write at once one takes the next number.
 */
export function createAudit({ store, keyring, runtime, actor }: AuditSettings): Audit {
  return {
    async record(action, details) {
      for (;;) {
        const last = await newestKey(store);
        const number = last === undefined ? 1 : Number(last.slice(auditPrefix.length)) + 1;
        const previous = last === undefined ? '' : digestOf(await store.get(last));
        const record: AuditRecord = { number, at: runtime.clock.now(), actor, action, details, previous };
        const bytes = sealDocument(keyring, 'audit', encodeCbor(record as unknown as CborMap), runtime, plainPolicy);
        try {
          await store.put(auditKey(number), [bytes], { ifAbsent: true });
          return;
        } catch (error) {
          if (!isCode(error, 'storage.exists')) throw error;
        }
      }
    },
  };
}

export function auditKey(number: number): string {
  return `${auditPrefix}${String(number).padStart(10, '0')}`;
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function newestKey(store: ObjectStore): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const { key } of store.list(auditPrefix)) newest = key;
  return newest;
}
