import type { SFN, UpdateStateMachineInput } from '@aws-sdk/client-sfn';
import { compactJson, type Json } from '../../kernel/json.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import { describe, files, settingsOf } from './describe.ts';

/** `versions.json`: what was published, by number, and which alias leads where. */
interface Versions {
  readonly versions: Readonly<Record<string, Facts>>;
  readonly aliases: Readonly<Record<string, Alias>>;
}

interface Alias {
  readonly description?: string;
  readonly routes: readonly { readonly version: string; readonly weight: number }[];
}

interface Identity {
  readonly from: string;
  readonly to: string;
}

async function readVersions(scene: Scene<SFN>, { id: stateMachineArn, resource }: Address): Promise<Versions> {
  const { client } = scene;
  const versions: Record<string, Facts> = {};
  const askVersions = async (nextToken: string | undefined) =>
    await required(
      client.listStateMachineVersions({ stateMachineArn, maxResults: 1000, nextToken }),
      'ListStateMachineVersions',
      resource,
    );
  for await (const page of pages(askVersions, ({ nextToken }) => nextToken))
    for (const { stateMachineVersionArn: arn = '' } of page.stateMachineVersions ?? [])
      versions[numberOf(arn)] = await describe(scene, arn, resource);
  const aliases: Record<string, Alias> = {};
  const askAliases = async (nextToken: string | undefined) =>
    await required(
      client.listStateMachineAliases({ stateMachineArn, maxResults: 1000, nextToken }),
      'ListStateMachineAliases',
      resource,
    );
  for await (const page of pages(askAliases, ({ nextToken }) => nextToken))
    for (const { stateMachineAliasArn } of page.stateMachineAliases ?? []) {
      const asking = client.describeStateMachineAlias({ stateMachineAliasArn });
      const {
        name = '',
        description,
        routingConfiguration = [],
      } = await required(asking, 'DescribeStateMachineAlias', resource);
      const routes = routingConfiguration.map(({ stateMachineVersionArn = '', weight = 0 }) => ({
        version: numberOf(stateMachineVersionArn),
        weight,
      }));
      aliases[name] = { ...factsOf({ description }), routes };
    }
  return { versions, aliases };
}

function numberOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** What is published and where aliases lead, whatever the numbers: Step Functions never gives a number twice. */
function comparable(document: Json): Json {
  const { versions, aliases } = document as unknown as Versions;
  return {
    versions: [...new Set(Object.values(versions).map((one) => compactJson(one)))].sort(),
    aliases: Object.fromEntries(
      Object.entries(aliases).map(([name, { routes, ...rest }]) => {
        const contents = routes.map(({ version, weight }) => compactJson([versions[version] ?? null, weight])).sort();
        return [name, { ...rest, contents }];
      }),
    ),
  };
}

/** Publishes the versions of a machine that is not used yet, oldest first, and makes it what it is again. */
export async function publishVersions(
  scene: Scene<SFN>,
  address: Address,
  document: Json | undefined,
  current: Facts,
): Promise<Identity[]> {
  if (document === undefined) return [];
  const { client } = scene;
  const { id: stateMachineArn, resource } = address;
  const { versions } = document as unknown as Versions;
  const identities: Identity[] = [];
  for (const number of Object.keys(versions).sort((a, b) => Number(a) - Number(b))) {
    const { description, ...facts } = versions[number] ?? {};
    const request = { ...settingsOf(facts), stateMachineArn } as unknown as UpdateStateMachineInput;
    await required(client.updateStateMachine(request), 'UpdateStateMachine', resource);
    const made = await publish(scene, address, description);
    const from = `${stateMachineArn}:${number}`;
    if (from !== made) identities.push({ from, to: made });
  }
  const request = { ...current, stateMachineArn } as unknown as UpdateStateMachineInput;
  await required(client.updateStateMachine(request), 'UpdateStateMachine', resource);
  await writeAliases(scene, address, document as unknown as Versions);
  return identities;
}

async function publish(
  { client }: Scene<SFN>,
  { id: stateMachineArn, resource }: Address,
  description: unknown,
): Promise<string> {
  const request = { stateMachineArn, ...(typeof description === 'string' ? { description } : {}) };
  const publishing = client.publishStateMachineVersion(request);
  return (await required(publishing, 'PublishStateMachineVersion', resource)).stateMachineVersionArn ?? '';
}

/** Numbers of versions at the target by what is in them. */
async function writeAliases(scene: Scene<SFN>, address: Address, wanted: Versions): Promise<void> {
  const { client } = scene;
  const { id: stateMachineArn, resource } = address;
  const live = await readVersions(scene, address);
  const numbers = new Map(Object.entries(live.versions).map(([number, facts]) => [compactJson(facts), number]));
  for (const [name, { description, routes }] of Object.entries(wanted.aliases)) {
    const routingConfiguration = routes.map(({ version, weight }) => {
      const number = numbers.get(compactJson(wanted.versions[version] ?? {}));
      if (number === undefined)
        throw new HoldfastError('item.conflict', `${resource} has no version for its alias ${name}`, { resource });
      return { stateMachineVersionArn: `${stateMachineArn}:${number}`, weight };
    });
    const request = { ...(description === undefined ? {} : { description }), routingConfiguration };
    if (live.aliases[name] === undefined)
      await required(client.createStateMachineAlias({ name, ...request }), 'CreateStateMachineAlias', resource);
    else {
      const stateMachineAliasArn = `${stateMachineArn}:${name}`;
      await required(
        client.updateStateMachineAlias({ stateMachineAliasArn, ...request }),
        'UpdateStateMachineAlias',
        resource,
      );
    }
  }
  for (const name of Object.keys(live.aliases))
    if (!(name in wanted.aliases)) {
      const stateMachineAliasArn = `${stateMachineArn}:${name}`;
      await required(client.deleteStateMachineAlias({ stateMachineAliasArn }), 'DeleteStateMachineAlias', resource);
    }
}

export const versions: DocumentPart<SFN> = {
  file: files.versions,
  async read(scene, address) {
    const found = await readVersions(scene, address);
    const isNothing = Object.keys(found.versions).length + Object.keys(found.aliases).length === 0;
    return isNothing ? undefined : (found as unknown as Json);
  },
  comparable,
  async write(scene, address, wanted, live) {
    const { client } = scene;
    const { id, resource } = address;
    const nothing: Versions = { versions: {}, aliases: {} };
    const to = wanted === undefined ? nothing : (wanted as unknown as Versions);
    const from = live === undefined ? nothing : (live as unknown as Versions);
    const there = new Set(Object.values(from.versions).map((one) => compactJson(one)));
    for (const facts of Object.values(to.versions)) {
      if (there.has(compactJson(facts))) continue;
      const { description, ...settings } = facts;
      const { description: _, ...now } = await describe(scene, id, resource);
      if (compactJson(settings) !== compactJson(now)) {
        throw new HoldfastError(
          'item.conflict',
          `a version of ${resource} is gone, and only what the machine is now can be published`,
          {
            resource,
            hint: 'Restore the state machine under another name (--rename), with all its versions.',
          },
        );
      }
      await publish(scene, address, description);
    }
    await writeAliases(scene, address, to);
    const kept = new Set(Object.values(to.versions).map((one) => compactJson(one)));
    for (const [number, facts] of Object.entries(from.versions)) {
      if (kept.has(compactJson(facts))) continue;
      const deleting = client.deleteStateMachineVersion({ stateMachineVersionArn: `${id}:${number}` });
      await required(deleting, 'DeleteStateMachineVersion', resource);
    }
  },
};
