import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { without } from '../documents/said.ts';
import { meant } from '../documents/numbered.ts';
import { allOf } from './calls.ts';
import { apiKeys } from './keys.ts';

interface PlanKey {
  readonly id: string;
  readonly name: string;
}

async function readKeys({ client }: Scene<APIGateway>, { id: usagePlanId, resource }: Address): Promise<PlanKey[]> {
  const page = (position: string | undefined) => client.getUsagePlanKeys({ usagePlanId, position, limit: 500 });
  const all = await allOf(page, 'GetUsagePlanKeys', resource);
  // What it answers holds the values of the keys as well: they stay here.
  const known = all.map(({ id = '', name = '' }) => ({ id, name }));
  return known.sort((a, b) => (`${a.name} ${a.id}` < `${b.name} ${b.id}` ? -1 : 1));
}

/** Which keys a plan is for, by their names. */
export const planKeys: DocumentPart<APIGateway> = {
  file: 'plan-keys.json',
  phase: 'settle',
  async read(scene, address) {
    const keys = await readKeys(scene, address);
    return keys.length === 0 ? undefined : (keys as unknown as Json);
  },
  comparable: (document) => (document as Json[]).map((key) => without(key, 'id')),
  async write(scene, address, wanted, live) {
    const { client } = scene;
    const { id: usagePlanId, resource } = address;
    const known = await apiKeys(scene);
    const to = ((wanted ?? []) as unknown as PlanKey[]).map(({ id, name }) => {
      const key = meant(known, name, { id });
      if (!key)
        throw new HoldfastError('item.conflict', `${resource} is for the key ${name}, which is not there`, {
          resource,
        });
      return key.id;
    });
    const from = ((live ?? []) as unknown as PlanKey[]).map(({ id }) => id);
    for (const keyId of to.filter((id) => !from.includes(id)))
      await required(
        client.createUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' }),
        'CreateUsagePlanKey',
        resource,
      );
    for (const keyId of from.filter((id) => !to.includes(id)))
      await required(client.deleteUsagePlanKey({ usagePlanId, keyId }), 'DeleteUsagePlanKey', resource);
  },
};
