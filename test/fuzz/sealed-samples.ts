import { concatBytes, hex, utf8 } from '../../src/kernel/bytes.ts';
import { encodeChunkGroup } from '../../src/repository/chunks/chunk-group.ts';
import { chunkId } from '../../src/repository/chunks/id.ts';
import { plainPolicy } from '../../src/repository/format/document.ts';
import { encodeHeader } from '../../src/repository/format/header.ts';
import { publicKeyOf } from '../../src/repository/keys/curve25519.ts';
import { authorityOf, idKeys } from '../../src/repository/keys/keyring.ts';
import { x25519Kind } from '../../src/repository/keys/kinds/x25519.ts';
import { newObjectKey } from '../../src/repository/keys/object-key.ts';
import { sealGroup, type SealContext } from '../../src/repository/keys/seal.ts';
import { sealSlot, type Identity } from '../../src/repository/keys/slots.ts';
import { packEnd } from '../../src/repository/pack/end.ts';
import { vectorBytes } from '../../src/repository/vectors-for-test.ts';
import { keyring, runtime } from './samples.ts';

export const recoveryIdentity: Required<Identity> = {
  privateKey: vectorBytes('recovery', 32),
  authority: authorityOf(keyring),
};

const { fields, key } = newObjectKey(keyring, 'pack', runtime);
const { repository } = keyring;

export const groupKey: SealContext = { key, repository, kind: 'data' };

export const packSample = makePack();

export const slotSamples = (['owner', 'writer'] as const).map((role) =>
  sealSlot(
    {
      kind: x25519Kind,
      role,
      label: 'paper',
      parameters: {},
      recipient: hex(publicKeyOf('x25519', recoveryIdentity.privateKey)),
    },
    keyring,
    '2026-11-20T02:00:00.000Z',
    runtime,
  ),
);

function makePack(): Uint8Array {
  const header = encodeHeader({ ...plainPolicy, ...fields, type: 'pack', kind: 'data', createdAt: 1 });
  const chunk = utf8('the content of one file');
  const group = sealGroup(groupKey, 'chunks', encodeChunkGroup([chunk.length], chunk), Buffer.alloc(12, 1), 3);
  const ids = chunkId(idKeys(keyring), 'data', chunk);
  const groups = [{ offset: header.length, length: group.length, chunkCount: 1, ids }];
  const record = { kind: 'data' as const, ...fields, groups };
  const end = packEnd({ key, repository, header, record, writer: 0, counter: 0 });
  return concatBytes([header, group, ...end]);
}
