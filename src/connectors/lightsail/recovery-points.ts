import type { Lightsail } from '@aws-sdk/client-lightsail';
import { isItemError } from '../../kernel/errors.ts';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { pointSettings, type OptionsWithPoints } from '../points/options.ts';
import type { Address, DocumentPart, Documents, Scene } from '../documents/contract.ts';

/** A snapshot that is there when the resource is captured: facts only. Those Holdfast asks for (points.ts) are in the record. */
export interface KnownSnapshot {
  /** Of an automatic one its date, by which it is asked for. */
  readonly name: string;
  readonly kind: 'manual' | 'automatic';
  readonly at: string;
  readonly sizeInGb?: number;
  /** Disks that are in it besides the system's. */
  readonly disks?: readonly string[];
}

/** Snapshots of a region by the name of what they are of. */
export type Points = Readonly<Record<string, readonly KnownSnapshot[]>>;

export const recoveryFile = 'recovery-points.json';

/** Undefined where the listing is refused: then the document asks itself, and fails alone. */
export async function pointsIfAllowed(read: () => Promise<Points>): Promise<Points | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}

/** Snapshots, the newest first. They come and go by themselves, and so are not compared. */
export function recoveryPart(
  manual: (scene: Scene<Lightsail>) => Promise<Points>,
  settings: { readonly automatic: boolean },
): DocumentPart<Lightsail> {
  return {
    file: recoveryFile,
    comparable: () => undefined,
    async read(scene, address, listed) {
      const known = (listed as { readonly points?: readonly KnownSnapshot[] } | undefined)?.points;
      const own = known ?? (await manual(scene))[address.name] ?? [];
      const all = settings.automatic ? [...own, ...(await automatic(scene, address))] : [...own];
      all.sort((a, b) => compare(b.at, a.at) || compare(a.name, b.name));
      return all.length === 0 ? undefined : (all as unknown as Json);
    },
  };
}

async function automatic({ client }: Scene<Lightsail>, { name, resource }: Address): Promise<KnownSnapshot[]> {
  const asking = client.getAutoSnapshots({ resourceName: name });
  const { autoSnapshots = [] } = await required(asking, 'GetAutoSnapshots', resource);
  return autoSnapshots
    .filter(({ status }) => status === 'Success')
    .map(({ date = '', createdAt, fromAttachedDisks = [] }) => ({
      name: date,
      kind: 'automatic',
      at: createdAt?.toISOString() ?? date,
      ...(fromAttachedDisks.length > 0 ? { disks: fromAttachedDisks.map(({ path = '' }) => path).sort() } : {}),
    }));
}

/** What of the contents is elsewhere, and what to do with it. */
export function recoveryNote(
  documents: Documents,
  operation: string,
  contents: string,
  { options, isLive }: { readonly options: OptionsWithPoints; readonly isLive: boolean },
): LedgerNote {
  if (pointSettings(options) && isLive)
    return {
      class: 'new-identity',
      what: contents,
      why: 'It is in the snapshot of Lightsail that was asked for with this one; the manifest names it, and its state.',
      action:
        'A restore creates it from that, with other addresses; in another region from a copy, for which the region it was in must answer, unless points are copied there beforehand (points: { copyTo: REGION }).',
    };
  if (pointSettings(options))
    return {
      class: 'needs-human',
      what: contents,
      why: 'It is in the snapshot of Lightsail that was asked for with this one; the manifest names it, and its state.',
      action: `Create it from that (${operation}) under its old name, with a bundle no smaller; then restore the rest again.`,
    };
  const points = (documents.get(recoveryFile) ?? []) as unknown as readonly KnownSnapshot[];
  const [newest] = points;
  if (!newest)
    return {
      class: 'lost',
      what: contents,
      why: 'There is no snapshot of it in Lightsail.',
      action: 'Set points: true for this source, turn automatic snapshots on, or make one by hand.',
    };
  const tied = points.every(({ kind }) => kind === 'automatic')
    ? ' Automatic snapshots go when their source is deleted: copy one (CopySnapshot).'
    : '';
  return {
    class: 'needs-human',
    what: contents,
    why: `It is in snapshots of Lightsail only; the newest is ${newest.name} (${newest.kind}, ${newest.at}).${tied}`,
    action: `Create it from ${newest.name} (${operation}) under its old name, with a bundle no smaller; then restore the rest again.`,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
