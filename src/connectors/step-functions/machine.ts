import type { CreateStateMachineInput, SFN, UpdateStateMachineInput } from '@aws-sdk/client-sfn';
import { HoldfastError } from '../../kernel/errors.ts';
import { isAwsError, optional, required } from '../aws/classify.ts';
import type { Address, Created, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { without, type Facts } from '../documents/said.ts';
import { arnOf, describe, files, settingsOf } from './describe.ts';
import { readTags } from './tags.ts';
import { publishVersions } from './versions.ts';

const pause = 5000;
/** How long a role that was just made may be unknown to Step Functions. */
const roleUnknown = 60_000;

export async function* listMachines({ client }: Scene<SFN>): AsyncGenerator<Found> {
  const ask = async (nextToken: string | undefined) =>
    await required(client.listStateMachines({ maxResults: 1000, nextToken }), 'ListStateMachines', 'step-functions');
  for await (const { stateMachines = [] } of pages(ask, (page) => page.nextToken))
    for (const { name = '', stateMachineArn: id = '' } of stateMachines) {
      const tags = await readTags(client, id, `step-functions/state-machines/${name}`);
      yield { name, id, tags, listed: { tags } };
    }
}

async function machineOf(scene: Scene<SFN>, { id, resource }: Address): Promise<Facts> {
  return await scene.once('machine', async () => await describe(scene, id, resource));
}

async function update({ client }: Scene<SFN>, { id, resource }: Address, settings: Facts): Promise<void> {
  const request = { ...settings, stateMachineArn: id } as unknown as UpdateStateMachineInput;
  await required(client.updateStateMachine(request), 'UpdateStateMachine', resource);
}

export const machine: DocumentPart<SFN> = {
  file: files.machine,
  read: async (scene, address) => without(await machineOf(scene, address), 'definition', 'description'),
  async write(scene, address, wanted, live) {
    const { type, ...settings } = (wanted ?? {}) as Facts;
    if (type !== (live as Facts)['type']) {
      throw new HoldfastError(
        'item.conflict',
        `${address.resource} is of another type, which is said at its creation only`,
        {
          resource: address.resource,
          hint: 'Delete it and restore it again, or restore it under another name (--rename).',
        },
      );
    }
    await update(scene, address, settings);
  },
};

export const definition: DocumentPart<SFN> = {
  file: files.definition,
  read: async (scene, address) => (await machineOf(scene, address))['definition'],
  async write(scene, address, wanted) {
    await update(scene, address, { definition: typeof wanted === 'string' ? wanted : JSON.stringify(wanted) });
  },
};

export async function findMachine({ client, aws }: Scene<SFN>, name: string): Promise<string | undefined> {
  const stateMachineArn = arnOf(aws, 'stateMachine', name);
  const asking = client.describeStateMachine({ stateMachineArn });
  const resource = `step-functions/state-machines/${name}`;
  return (await optional(asking, 'DescribeStateMachine', resource, 'StateMachineDoesNotExist'))?.stateMachineArn;
}

/** With its versions, oldest first, while nobody uses it yet; then as it is. Creating it again with the same settings succeeds. */
export async function createMachine(scene: Scene<SFN>, name: string, documents: Documents): Promise<Created> {
  const resource = `step-functions/state-machines/${name}`;
  const { type, ...settings } = documents.get(files.machine) as unknown as Facts;
  const current = settingsOf({ ...settings, definition: documents.get(files.definition) });
  const tags = Object.entries((documents.get(files.tags) ?? {}) as Record<string, string>).map(([key, value]) => ({
    key,
    value,
  }));
  const request = {
    name,
    type,
    ...current,
    ...(tags.length > 0 ? { tags } : {}),
  } as unknown as CreateStateMachineInput;
  const id = await whenRoleIsKnown(scene, async () => await scene.client.createStateMachine(request), resource);
  const address = { name, id, resource };
  const identities = await publishVersions(scene, address, documents.get(files.versions), current);
  return { id, identities };
}

async function whenRoleIsKnown(
  { runtime, signal }: Scene<SFN>,
  create: () => Promise<{ readonly stateMachineArn?: string | undefined }>,
  resource: string,
): Promise<string> {
  for (let waited = 0; ; waited += pause) {
    try {
      return (await create()).stateMachineArn ?? '';
    } catch (error) {
      const isRole =
        isAwsError(error, 'AccessDeniedException') && /assume the provided role/.test((error as Error).message);
      if (!isRole || waited >= roleUnknown)
        return await required(Promise.reject(error), 'CreateStateMachine', resource);
      await runtime.clock.sleep(pause, signal);
    }
  }
}
