import type { Connector, ConnectorContext, LiveRestore, RestoreContext } from '../contract.ts';
import { sceneOf } from '../documents/capture.ts';
import { documentConnector } from '../documents/index.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Clients } from './calls.ts';
import { captureRows, rowsOf } from './rows.ts';
import { applyRows, planRows, type RowsTarget } from './restore-rows.ts';
import { ses } from './service.ts';

type Options = Record<string, never>;

const documents = documentConnector(ses);
const live = documents.live as LiveRestore<Options>;

/** SES: identities, configuration sets, templates, contact lists, account settings and receipt rules. */
export const connector: Connector<Options> = {
  ...documents,
  async capture(context, resource, sink) {
    await documents.capture(context, resource, sink);
    const long = rowsOf(resource.ref);
    if (!long) return;
    try {
      await captureRows(
        await sceneOf<Clients, Options, ConnectorContext<Options>>(ses, context),
        long.rows,
        long.name,
        sink,
      );
    } catch (error) {
      if (!isItemError(error)) throw error;
      sink.fail(error);
    }
  },
  live: {
    ...live,
    async plan(context, captured) {
      const target = await rowsTarget(context, captured);
      const { only } = context;
      if (!target) return await live.plan(context, captured);
      if (only && only.collection === target.rows.collection) return await planRows(target, true, []);
      const actions = await live.plan(context, captured);
      if (only) return actions;
      const creation = actions.filter(({ operation }) => operation === 'create').map(({ id }) => id);
      return [...actions, ...(await planRows(target, creation.length === 0, creation))];
    },
    async apply(context, action, captured) {
      const target = action.operation === 'rows' ? await rowsTarget(context, captured) : undefined;
      return target ? await applyRows(target) : await live.apply(context, action, captured);
    },
  },
};

async function rowsTarget(
  context: RestoreContext<Options>,
  captured: CapturedResource,
): Promise<RowsTarget | undefined> {
  const long = rowsOf(captured.ref);
  if (!long) return undefined;
  const scene = await sceneOf<Clients, Options, RestoreContext<Options>>(ses, context);
  return { context, scene, rows: long.rows, name: context.rename(long.name), captured };
}
