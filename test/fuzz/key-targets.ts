import { HoldfastError } from '../../src/kernel/errors.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import { canonicalJson, type Json } from '../../src/kernel/json.ts';
import { checkConfiguration, decodeConfiguration, encodeConfiguration } from '../../src/repository/configuration.ts';
import { parsePrivateKey, parsePublicKey, privateKeyText, publicKeyText } from '../../src/repository/keys/key-text.ts';
import { decodeKeyring, encodeKeyring, writerKeyring } from '../../src/repository/keys/keyring.ts';
import { decodeSlot, encodeSlot, openSlot } from '../../src/repository/keys/slots.ts';
import { vectorBytes } from '../../src/repository/vectors-for-test.ts';
import { recoveryIdentity, slotSamples } from './sealed-samples.ts';
import * as samples from './samples.ts';
import { type Target, target, where } from './target.ts';

/** Keys, and the configuration that they sign. */
export const keyTargets: readonly Target[] = [
  target({
    name: 'keyring',
    form: 'cbor',
    samples: [
      encodeKeyring(samples.keyring),
      encodeKeyring({ ...samples.keyring, lineage: vectorBytes('lineage', 16) }),
      encodeKeyring(writerKeyring(samples.keyring, vectorBytes('writer', 16))),
    ],
    read: decodeKeyring,
    write: encodeKeyring,
  }),
  target({
    name: 'key-slot',
    form: 'json',
    samples: slotSamples.map(encodeSlot),
    read(bytes) {
      const slot = decodeSlot(bytes, where);
      openSlot(slot, recoveryIdentity, where);
      return slot;
    },
    write: encodeSlot,
  }),
  target({
    name: 'configuration',
    form: 'json',
    samples: [encodeConfiguration(samples.configuration, samples.keyring)],
    read(bytes) {
      const envelope = decodeConfiguration(bytes, where);
      checkConfiguration(envelope, samples.keyring);
      return envelope.configuration;
    },
    write: (configuration) => encodeConfiguration(configuration, samples.keyring),
    codes: ['repository.keys-changed'],
  }),
  target({
    name: 'signed-configuration',
    form: 'json',
    samples: [utf8(canonicalJson(samples.configuration as unknown as Json))],
    // Signed as it is: what a later version, or a wrong one, may have written.
    read(bytes) {
      const configuration = parsed(bytes);
      const envelope = decodeConfiguration(encodeConfiguration(configuration, samples.keyring), where);
      checkConfiguration(envelope, samples.keyring);
      return envelope.configuration;
    },
    codes: ['repository.keys-changed'],
  }),
  target({
    name: 'key-text',
    form: 'bytes',
    samples: [utf8(privateKeyText('recovery', recoveryIdentity)), utf8(publicKeyText(vectorBytes('public', 32)))],
    read(bytes) {
      const text = Buffer.from(bytes).toString();
      return text.includes('public')
        ? parsePublicKey(text, where)
        : parsePrivateKey('recovery', text, where).privateKey;
    },
    codes: ['key.invalid'],
  }),
];

function parsed(bytes: Uint8Array): typeof samples.configuration {
  const isNone = new HoldfastError('repository.corrupt', 'nothing that anybody could sign');
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as typeof samples.configuration | null;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw isNone;
    return value;
  } catch {
    throw isNone;
  }
}
