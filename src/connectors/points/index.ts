import type { ResourceRef } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { RecoveryPoint } from '../../kernel/recovery-point.ts';
import type { PointContext, PointKeeping } from './keeping.ts';
import type { PointKind, PointService, PointSource } from './contract.ts';
import { followCopy, waitingCopy } from './copies.ts';
import { ensurePoint } from './ensure.ts';
import { pointSettings, type OptionsWithPoints } from './options.ts';
import { pointName, pointTags } from './tags.ts';

/** PointKeeping of a service: names, tags, copies, and what a repetition finds, over the calls that the service has. */
export function keepPoints<Client, Options extends OptionsWithPoints>(
  service: PointService<Client>,
): PointKeeping<Options> {
  const clientIn = async ({ aws }: PointContext, region: string): Promise<Client> =>
    await service.client(region === aws.region ? aws : aws.inRegion(region));
  const kindNamed = ({ kind, name }: RecoveryPoint): PointKind<Client> => {
    const found = service.kinds.find((one) => one.kind === kind);
    if (found) return found;
    throw new HoldfastError('item.invalid', `${name} is a ${kind}, which this version does not know`);
  };
  return {
    settings: pointSettings,
    covers: (ref) => kindOf(service, ref) !== undefined,
    async start(context, resource) {
      const { ref } = resource;
      const kind = kindOf(service, ref);
      if (!kind || kind.applies?.(resource) === false) return [];
      const source = sourceOf(ref, kind);
      const { region } = context.aws;
      const client = await clientIn(context, region);
      const point = { name: pointName(context.run, ref.id), tags: pointTags(context, ref.id) };
      const wanted = { kind, client, region, point, resource: source.resource, known: { source } };
      const made = await ensurePoint(context, wanted, () => kind.create(client, source, point));
      const { copyTo } = context.settings;
      if (copyTo === undefined || copyTo === region) return [made];
      if (kind.copy) return [made, waitingCopy(made, copyTo)];
      const message = `${source.resource}: a ${kind.kind} cannot be copied; it stays in ${region} only`;
      context.events({ type: 'notice', level: 'warning', message });
      return [made];
    },
    async follow(context, ref, point) {
      const kind = kindNamed(point);
      const client = await clientIn(context, point.region);
      if (point.copyOf !== undefined) {
        const home = await clientIn(context, context.aws.region);
        return await followCopy(context, { kind, client, home, ref }, point);
      }
      const known = { id: point.id, source: sourceOf(ref, kind) };
      const found = await kind.find(client, point.name, point.region, known);
      return found ?? { ...point, state: 'gone', reason: 'it is not there' };
    },
    async list(context, { ref }) {
      const kind = kindOf(service, ref);
      if (!kind) return [];
      const source = sourceOf(ref, kind);
      const found: RecoveryPoint[] = [];
      for (const region of new Set([context.aws.region, context.settings.copyTo ?? context.aws.region]))
        for await (const point of kind.list(await clientIn(context, region), source, region)) found.push(point);
      return found;
    },
    async remove(context, point) {
      const kind = kindNamed(point);
      const client = await clientIn(context, point.region);
      // Asked at the last moment: tags say whose it is, and they may have been taken off.
      const there = await kind.find(client, point.name, point.region, { id: point.id });
      if (there === undefined) return;
      if (there.run === undefined)
        throw new HoldfastError('item.conflict', `${point.name} carries no tag of Holdfast and is left alone`);
      await kind.remove(client, point.name, { id: point.id });
    },
  };
}

function kindOf<Client>({ kinds }: PointService<Client>, { name }: ResourceRef): PointKind<Client> | undefined {
  return kinds.find(({ of }) => name.startsWith(of));
}

function sourceOf<Client>(ref: ResourceRef, { of }: PointKind<Client>): PointSource {
  return { name: ref.name.slice(of.length), id: ref.id, resource: `${ref.type}/${ref.name}` };
}
