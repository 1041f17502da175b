import type { EstateConfig } from '../../../config/contract.ts';
import type { RestoreRequest } from '../../../estate/restore-contract.ts';
import type { SnapshotReader } from '../../../repository/contract.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What a person should know of the snapshot that `latest` or an id led to, before all of it is restored: it lies in the future, so that
 * it hides newer ones, or it was taken of some sources only. `now` in milliseconds since the epoch.
 */
export async function snapshotNotices(
  config: Pick<EstateConfig, 'sources' | 'tenants'>,
  reader: SnapshotReader,
  request: Pick<RestoreRequest, 'path' | 'tenant'>,
  now: number,
): Promise<string[]> {
  const { id, committedAt, host } = reader.info;
  const notices: string[] = [];
  if (committedAt > now + dayMs) {
    const at = new Date(committedAt).toISOString();
    notices.push(
      `snapshot ${id.slice(0, 12)} of ${host} says it was committed at ${at}, which is to come: it may hide newer ones`,
    );
  }
  if (request.path !== '') return notices;
  const held = new Set(reader.sources.map(({ source }) => source));
  // What an interrupted run had captured is there, also where the one that went on with it was of other sources.
  for await (const { source } of reader.resources()) held.add(source);
  const wanted = request.tenant === undefined ? undefined : Object.keys(config.tenants?.sources ?? {});
  const without = config.sources
    .map(({ name }) => name)
    .filter((name) => !held.has(name) && (wanted?.includes(name) ?? true));
  if (without.length > 0)
    notices.push(`snapshot ${id.slice(0, 12)} was taken without ${without.join(', ')}: nothing of that is restored`);
  return notices;
}
