import type * as Sdk from '@aws-sdk/client-lightsail';
import type { Operation, Place } from './operations.ts';
import { Refused, regionOf, type Region } from './state.ts';

type Snapshot = Sdk.InstanceSnapshot & Sdk.DiskSnapshot & Sdk.RelationalDatabaseSnapshot;

interface Kind {
  readonly word: 'Instance' | 'Disk' | 'RelationalDatabase';
  /** In names of fields: `instance`, `instanceSnapshot`. */
  readonly field: 'instance' | 'disk' | 'relationalDatabase';
  readonly from: 'fromInstanceName' | 'fromDiskName' | 'fromRelationalDatabaseName';
  readonly done: string;
  sources(region: Region): readonly { readonly name?: string | undefined }[];
  held(region: Region): Snapshot[];
}

const kinds: readonly Kind[] = [
  {
    word: 'Instance',
    field: 'instance',
    from: 'fromInstanceName',
    done: 'available',
    sources: (region) => region.instances,
    held: (region) => region.instanceSnapshots as Snapshot[],
  },
  {
    word: 'Disk',
    field: 'disk',
    from: 'fromDiskName',
    done: 'completed',
    sources: (region) => region.disks,
    held: (region) => region.diskSnapshots as Snapshot[],
  },
  {
    word: 'RelationalDatabase',
    field: 'relationalDatabase',
    from: 'fromRelationalDatabaseName',
    done: 'available',
    sources: (region) => region.relationalDatabases,
    held: (region) => region.relationalDatabaseSnapshots as Snapshot[],
  },
];

type Input = Readonly<Record<string, string | undefined>> & { readonly tags?: Sdk.Tag[] };

function make(
  { state, regionName }: Place,
  { word, from, held }: Kind,
  region: Region,
  facts: Partial<Snapshot>,
): void {
  const { name } = facts;
  if (kinds.some((kind) => kind.held(region).some((one) => one.name === name)))
    throw new Refused('InvalidInputException', `Some names are already in use: ${name}`);
  held(region).push({
    arn: `arn:aws:lightsail:${regionName}:123456789012:${word}Snapshot/${++state.count}`,
    createdAt: new Date(),
    sizeInGb: 20,
    tags: [],
    ...facts,
    state: 'pending',
    progress: '0',
    [from]: facts[from],
  });
}

/** Copies that a look does not see yet, and how many looks more. */
const hidden = new WeakMap<Snapshot, number>();

/** Snapshots begin pending; each look at one by its name takes it half of the way. */
function operationsOf(kind: Kind): Record<string, Operation<never, object>> {
  const { word, field, from, done } = kind;
  const nameOf = (input: Input): string => input[`${field}SnapshotName`] ?? '';
  const find = (region: Region, input: Input): Snapshot => {
    const found = kind.held(region).find((one) => one.name === nameOf(input));
    const left = found ? (hidden.get(found) ?? 0) : 0;
    if (found && left > 0) hidden.set(found, left - 1);
    else if (found) return found;
    throw new Refused('NotFoundException', `The ${word}Snapshot does not exist: ${nameOf(input)}`);
  };
  return {
    [`Create${word}Snapshot`]: (place: Place, input: Input) => {
      const source = input[`${field}Name`];
      if (!kind.sources(place.region).some(({ name }) => name === source))
        throw new Refused('NotFoundException', `The ${word} does not exist: ${source}`);
      make(place, kind, place.region, { name: nameOf(input), tags: input.tags ?? [], [from]: source });
      return {};
    },
    [`Get${word}Snapshot`]: ({ region }: Place, input: Input) => {
      const found = find(region, input);
      const before = { ...found };
      const progress = Math.min(100, Number(found.progress ?? 100) + 50);
      if (String(found.state) === 'pending')
        Object.assign(found, { progress: String(progress), state: progress === 100 ? done : 'pending' });
      return { [`${field}Snapshot`]: before };
    },
    [`Delete${word}Snapshot`]: ({ region }: Place, input: Input) => {
      kind.held(region).splice(kind.held(region).indexOf(find(region, input)), 1);
      return {};
    },
  };
}

/** Into the region that is asked; only what is there whole can be copied, and no snapshot of a database. Tags stay behind. */
const copySnapshot: Operation<Sdk.CopySnapshotRequest, Sdk.CopySnapshotResult> = (place, input) => {
  const { sourceSnapshotName, targetSnapshotName, sourceRegion = '' } = input;
  const from = regionOf(place.state, sourceRegion);
  for (const kind of kinds.slice(0, 2)) {
    const original = kind.held(from).find(({ name }) => name === sourceSnapshotName);
    if (!original) continue;
    if (String(original.state) !== kind.done)
      throw new Refused('OperationFailureException', `The snapshot ${sourceSnapshotName} is pending`);
    const { sizeInGb = 20 } = original;
    make(place, kind, place.region, { name: targetSnapshotName, sizeInGb, [kind.from]: original[kind.from] });
    const copy = kind.held(place.region).at(-1);
    if (copy) hidden.set(copy, place.state.lag);
    return {};
  }
  throw new Refused('NotFoundException', `The snapshot does not exist: ${sourceSnapshotName}`);
};

export const snapshotOperations: Readonly<Record<string, Operation<never, object>>> = {
  ...Object.assign({}, ...kinds.map(operationsOf)),
  CopySnapshot: copySnapshot,
} as Readonly<Record<string, Operation<never, object>>>;
