import { hex, utf8 } from '../../src/kernel/bytes.ts';
import { sealOf } from '../../src/estate/plan-edit.ts';
import { parseRestorePlan } from '../../src/estate/plan-file.ts';
import { auditKey, openAuditRecord } from '../../src/repository/audit/log.ts';
import { encodeCbor } from '../../src/repository/format/cbor.ts';
import { openDocument, plainPolicy, sealDocument } from '../../src/repository/format/document.ts';
import { openLockRecord } from '../../src/repository/lock/records.ts';
import { markKey, openMark } from '../../src/repository/marks/mark.ts';
import { openCheckpoint } from '../../src/repository/session/checkpoint.ts';
import { decodeResource, encodeResource } from '../../src/repository/session/record.ts';
import { openSnapshot } from '../../src/repository/snapshots.ts';
import * as samples from './samples.ts';
import { type Target, target, sealed, where } from './target.ts';

const snapshotKey = `snapshots/${'e'.repeat(32)}`;

/** Documents: what snapshots, sessions, pruners, the audit log and locks write, and plans of restores. */
export const documentTargets: readonly Target[] = [
  target({
    name: 'resource',
    form: 'cbor',
    samples: [encodeCbor(samples.resource)],
    read: decodeResource,
    write: ({ record, roots }) => encodeResource(record, roots),
  }),
  target({
    name: 'restore-plan',
    form: 'json',
    samples: [utf8(JSON.stringify({ ...samples.plan, seal: sealOf(samples.plan) }))],
    read: (bytes) => parseRestorePlan(Buffer.from(bytes).toString()),
    codes: ['plan.invalid'],
  }),
  target({
    name: 'document',
    form: 'bytes',
    samples: [sealDocument(samples.keyring, 'snapshot', encodeCbor(samples.snapshot), samples.runtime, plainPolicy)],
    read: (bytes) => hex(openDocument(samples.keyring, 'snapshot', bytes, where)),
  }),
  sealed('snapshot', 'snapshot', samples.snapshot, (bytes) => openSnapshot(samples.keyring, bytes, snapshotKey)),
  sealed('checkpoint', 'checkpoint', samples.checkpoint, (bytes) => openCheckpoint(samples.keyring, bytes, where)),
  sealed('mark', 'mark', samples.mark, (bytes) => openMark(samples.keyring, bytes, markKey('f'.repeat(32)))),
  sealed('audit-record', 'audit', samples.audit, (bytes) => openAuditRecord(samples.keyring, bytes, auditKey(3))),
  sealed('lock-record', 'lock', samples.lock, (bytes) => openLockRecord(samples.keyring, bytes, where)),
];
