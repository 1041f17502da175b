import type { CapturedResource } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { fromAws, isAwsError, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { listCidrCollections, type CidrCollection } from './account-listing.ts';
import { capturedDocuments, identityOutcome } from './account-documents.ts';
import { route53 } from './client.ts';
import { callerReference, maxAttempts } from './lineage.ts';
import type { Options } from './options.ts';

type Context = RestoreContext<Options>;

const cidrCollections = 'cidr-collections';

/** Location and block, of which there may be a thousand. */
function blocksOf({ Blocks }: Pick<CidrCollection, 'Blocks'>): Set<string> {
  return new Set(Blocks.map(({ LocationName = '', CidrBlock = '' }) => `${LocationName} ${CidrBlock}`));
}

function differences(wanted: CidrCollection, live: CidrCollection | undefined, mode: Context['mode']) {
  const there = live ? blocksOf(live) : new Set<string>();
  const kept = blocksOf(wanted);
  return {
    add: [...kept].filter((block) => !there.has(block)),
    remove: mode === 'exact' ? [...there].filter((block) => !kept.has(block)) : [],
  };
}

function find(all: readonly CidrCollection[], { Id, Name }: CidrCollection): CidrCollection | undefined {
  return all.find((one) => one.Id === Id) ?? all.find((one) => one.Name === Name);
}

async function capturedCollections(context: Context, captured: CapturedResource) {
  const found = await capturedDocuments(context, captured, cidrCollections);
  return found.map(({ key, document }) => ({ key, document: document as unknown as CidrCollection }));
}

/** One action for each collection that is missing or lacks blocks; none is ever deleted, since other zones may use it. */
export async function planCidrCollections(context: Context, captured: CapturedResource): Promise<PlannedAction[]> {
  const wanted = await capturedCollections(context, captured);
  if (wanted.length === 0) return [];
  const all = await listCidrCollections(context.aws);
  return wanted.flatMap(({ key, document }): PlannedAction[] => {
    const live = find(all, document);
    for (const { from, to } of live ? changedIds(document, live) : []) context.learn?.(from, to);
    if (live && context.mode === 'create-missing') return [];
    const { add, remove } = differences(document, live, context.mode);
    if (live && add.length + remove.length === 0) return [];
    const effect = live ? 'update' : 'create';
    return [
      {
        id: `route53/${captured.ref.name}/put-cidr-collection/${document.Id}`,
        resource: captured.ref,
        operation: 'put-cidr-collection',
        title: `${effect} the CIDR collection ${document.Name}`,
        effect,
        dependsOn: [],
        input: { key },
        items: add.length + remove.length,
      },
    ];
  });
}

/** Creates the collection or changes its blocks, a thousand at a time, and reads them back. */
export async function applyCidrCollection(
  context: Context,
  key: string,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const wanted = (await capturedCollections(context, captured)).find((one) => one.key === key);
  const resource = `route53/${captured.ref.name}/${cidrCollections}/${key}`;
  if (!wanted) throw new HoldfastError('plan.invalid', `the snapshot has no ${resource}`, { resource });
  const live = find(await listCidrCollections(context.aws), wanted.document);
  const Id = live?.Id ?? (await create(context, wanted.document, resource));
  const { add, remove } = differences(wanted.document, live, context.mode);
  const { client, sdk } = await route53(context.aws);
  const changes = [...changesOf('DELETE_IF_EXISTS', remove), ...changesOf('PUT', add)];
  for (const Changes of inBatches(changes)) {
    const command = new sdk.ChangeCidrCollectionCommand({ Id, Changes });
    await required(client.send(command), 'ChangeCidrCollection', resource);
  }
  const after = find(await listCidrCollections(context.aws), wanted.document);
  const left = after && differences(wanted.document, after, context.mode);
  if (!after || !left || left.add.length + left.remove.length > 0)
    throw new HoldfastError('item.changed', `${resource} was written but reads back otherwise`, { resource });
  return identityOutcome(changedIds(wanted.document, after), live ? changes.length > 0 : true);
}

async function create(context: Context, { Id = '', Name }: CidrCollection, resource: string): Promise<string> {
  const { client, sdk } = await route53(context.aws);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    try {
      const command = new sdk.CreateCidrCollectionCommand({ Name, CallerReference: callerReference(Id, attempt) });
      return (await client.send(command)).Collection?.Id ?? '';
    } catch (error) {
      // The reference belongs to one that was deleted since.
      if (!isAwsError(error, 'CidrCollectionAlreadyExistsException'))
        throw fromAws(error, 'CreateCidrCollection', resource);
    }
  }
  throw new HoldfastError('item.conflict', `${resource} could not be created: its caller references are used`, {
    resource,
  });
}

function changedIds(was: CidrCollection, is: CidrCollection): { readonly from: string; readonly to: string }[] {
  const all = [
    { from: was.Id ?? '', to: is.Id ?? '' },
    { from: was.Arn ?? '', to: is.Arn ?? '' },
  ];
  return all.filter(({ from, to }) => from !== '' && from !== to);
}

interface BlockChange {
  readonly LocationName: string;
  readonly Action: 'PUT' | 'DELETE_IF_EXISTS';
  readonly CidrList: string[];
}

function changesOf(Action: BlockChange['Action'], blocks: readonly string[]): BlockChange[] {
  const byLocation = new Map<string, string[]>();
  for (const block of blocks) {
    const [location = '', cidr = ''] = block.split(' ');
    byLocation.set(location, [...(byLocation.get(location) ?? []), cidr]);
  }
  return [...byLocation].map(([LocationName, CidrList]) => ({ LocationName, Action, CidrList }));
}

/** A change names at most a thousand blocks (ChangeCidrCollection). */
function inBatches(changes: readonly BlockChange[]): BlockChange[][] {
  const most = 1000;
  const batches: BlockChange[][] = [];
  for (const change of changes)
    for (let at = 0; at < change.CidrList.length; at += most)
      batches.push([{ ...change, CidrList: change.CidrList.slice(at, at + most) }]);
  return batches;
}
