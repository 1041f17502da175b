import type { GetSecretValueResponse, SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { described, files } from './secret.ts';

interface Value {
  readonly SecretString?: string;
  /** Base64. */
  readonly SecretBinary?: string;
}

/** Values by the label of their version. */
type Values = Readonly<Record<string, Value>>;

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
/** A rotation that is under way ends, or begins anew. */
const passing = 'AWSPENDING';

export const value: DocumentPart<SecretsManager> = {
  file: files.value,
  secret: true,
  read: async (scene, address) => (await readValues(scene, address)) as Json | undefined,
  // What was before is put back with a new secret; on one that is there it follows what is written to it.
  comparable(document) {
    const { [previous]: _, ...compared } = document as unknown as Values;
    return compared as Json;
  },
  async write(scene, address, wanted, live) {
    await writeValues(scene, address, (wanted ?? {}) as unknown as Values, (live ?? {}) as unknown as Values);
  },
};

async function readValues(scene: Scene<SecretsManager>, address: Address): Promise<Values | undefined> {
  const { client } = scene;
  const values: Record<string, Value> = {};
  for (const [VersionId, labels] of Object.entries((await described(scene, address)).VersionIdsToStages ?? {})) {
    const lasting = labels.filter((label) => label !== passing);
    if (lasting.length === 0) continue;
    const reading = client.getSecretValue({ SecretId: address.id, VersionId });
    const found = await optional(reading, 'GetSecretValue', address.resource, 'ResourceNotFoundException');
    if (!found) continue;
    for (const label of lasting) values[label] = asValue(found);
  }
  return Object.keys(values).length === 0 ? undefined : values;
}

function asValue({ SecretString, SecretBinary }: Pick<GetSecretValueResponse, 'SecretString' | 'SecretBinary'>): Value {
  if (SecretString !== undefined) return { SecretString };
  return { SecretBinary: Buffer.from(SecretBinary ?? []).toString('base64') };
}

/** Where the current value is right nobody who reads it may see another meanwhile, so that the previous one stays as it is. */
async function writeValues(
  scene: Scene<SecretsManager>,
  address: Address,
  wanted: Values,
  live: Values,
): Promise<void> {
  const now = wanted[current];
  if (now !== undefined && !isSame(now, live[current])) {
    const before = wanted[previous];
    // Becomes the previous one when the next takes its label.
    if (before !== undefined && !isSame(before, live[current])) await put(scene, address, before, [current]);
    await put(scene, address, now, [current]);
  }
  const own = (values: Values): string[] => Object.keys(values).filter((label) => !label.startsWith('AWS'));
  for (const label of own(wanted)) {
    const one = wanted[label];
    if (one !== undefined && !isSame(one, live[label])) await put(scene, address, one, [label]);
  }
  for (const label of own(live)) if (!(label in wanted)) await removeLabel(scene, address, label);
}

function isSame(a: Value, b: Value | undefined): boolean {
  return a.SecretString === b?.SecretString && a.SecretBinary === b?.SecretBinary;
}

async function put(
  { client }: Scene<SecretsManager>,
  { id, resource }: Address,
  { SecretString, SecretBinary }: Value,
  VersionStages: string[],
): Promise<void> {
  const bytes = SecretBinary === undefined ? undefined : Buffer.from(SecretBinary, 'base64');
  const putting = client.putSecretValue({ SecretId: id, SecretString, SecretBinary: bytes, VersionStages });
  await required(putting, 'PutSecretValue', resource);
}

async function removeLabel(scene: Scene<SecretsManager>, address: Address, label: string): Promise<void> {
  const { VersionIdsToStages = {} } = await described(afresh(scene), address);
  const version = Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
  const where = { SecretId: address.id, VersionStage: label, RemoveFromVersionId: version };
  await required(scene.client.updateSecretVersionStage(where), 'UpdateSecretVersionStage', address.resource);
}
