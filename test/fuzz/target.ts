import type { ErrorCode } from '../../src/kernel/codes.ts';
import { encodeCbor, type Cbor } from '../../src/repository/format/cbor.ts';
import { plainPolicy, sealDocument } from '../../src/repository/format/document.ts';
import type { ObjectType } from '../../src/repository/format/header.ts';
import * as samples from './samples.ts';

/** One parser and what it must keep to. */
export interface Target {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** How the samples are built, so that whole parts can be exchanged. */
  readonly form: 'bytes' | 'cbor' | 'json';
  readonly read: (bytes: Uint8Array) => unknown;
  /** What was read, written again: read once more it must be the same. */
  readonly write?: (value: never) => Uint8Array;
  /** Of one value there is one form: what is accepted is what would be written. */
  readonly canonical?: true;
  /** Each case is sealed and opened again: fewer of them in the suite. */
  readonly slow?: true;
  /** What may be thrown; repository.corrupt and repository.newer-format always. */
  readonly codes?: readonly ErrorCode[];
}

/** A target whose `write` takes what its `read` gives. */
export function target<T>(
  made: Omit<Target, 'read' | 'write'> & { read: (bytes: Uint8Array) => T; write?: (value: T) => Uint8Array },
): Target {
  return made;
}

/** A document whose plaintext is what changes: whoever has a key can seal whatever they like. */
export function sealed(
  name: string,
  type: Exclude<ObjectType, 'pack'>,
  value: Cbor,
  open: (bytes: Uint8Array) => unknown,
): Target {
  return {
    name,
    form: 'cbor',
    slow: true,
    samples: [encodeCbor(value)],
    read: (plain) => open(sealDocument(samples.keyring, type, plain, samples.runtime, plainPolicy)),
  };
}

/** Where the bytes come from, as errors say it. */
export const where = 'fuzz';
