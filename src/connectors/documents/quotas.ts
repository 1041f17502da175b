import { HoldfastError } from '../../kernel/errors.ts';
import type { RestoreContext } from '../contract.ts';
import type { Creation, QuotaLine } from '../quotas.ts';
import { countOf, serviceQuotas } from '../service-quotas/count.ts';
import { documentedLimits } from '../service-quotas/documented.ts';
import { sceneOf } from './capture.ts';
import type { Counting, DocumentQuotas, DocumentService, Scene } from './contract.ts';
import { kindOf } from './names.ts';

/** What creations take of the quotas of a service, in each group within which one holds. */
export async function quotasOf<Client, Options>(
  service: DocumentService<Client, Options>,
  { service: code = '', rows = [], documented = [] }: DocumentQuotas<Client, Options>,
  context: RestoreContext<Options>,
  creations: readonly Creation[],
): Promise<readonly QuotaLine[]> {
  const created = creations.filter(({ action }) => action.operation === 'create');
  const scene = await sceneOf<Client, Options, RestoreContext<Options>>(service, context);
  const counted = async <Row extends Counting<Client, Options> & { readonly what: string }>(all: readonly Row[]) => {
    const counts: (Row & { readonly needed: number; used(): Promise<number> })[] = [];
    for (const row of all) {
      const groups = new Map<string, number>();
      for (const creation of created)
        for (const group of await taken(service, row, creation)) groups.set(group, (groups.get(group) ?? 0) + 1);
      for (const [group, needed] of groups) {
        const what = group === '' ? row.what : `${row.what} of ${group}`;
        counts.push({ ...row, what, needed, used: async () => await countOf(there(service, row, scene, group)) });
      }
    }
    return counts;
  };
  return [
    ...(await serviceQuotas(context.aws, code, await counted(rows))),
    ...(await documentedLimits(await counted(documented))),
  ];
}

async function taken<Client, Options>(
  service: DocumentService<Client, Options>,
  row: Counting<Client, Options>,
  { action, captured }: Creation,
): Promise<readonly string[]> {
  const { kind } = kindOf(service, captured.ref);
  const { name } = action.input as { readonly name: string };
  return row.takes ? await row.takes(kind, captured, name) : kind === row.kind ? [''] : [];
}

function there<Client, Options>(
  { kinds }: DocumentService<Client, Options>,
  row: Counting<Client, Options> & { readonly what: string },
  scene: Scene<Client, Options>,
  group: string,
): AsyncIterable<unknown> {
  if (row.there) return row.there(scene, group);
  const found = kinds.find(({ kind }) => kind === row.kind);
  if (!found) throw new HoldfastError('internal.bug', `${row.what} are of no kind`);
  return found.list(scene);
}
