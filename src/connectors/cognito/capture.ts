import type { CaptureSink, NewEntry } from '../../kernel/capture.ts';
import type { Json } from '../../kernel/json.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { capture as captureDocuments, sceneOf } from '../documents/capture.ts';
import { addressOf } from '../documents/names.ts';
import { poolOf } from './pool.ts';
import { groups } from './parts.ts';
import { cognito } from './service.ts';
import {
  isFederated,
  keyOf,
  listMembers,
  listUsers,
  membersCollection,
  usersCollection,
  type UserRow,
} from './users.ts';

type Options = Record<string, never>;

/** The pool's documents, and its users and who is in which group as rows. */
export async function capture(
  context: ConnectorContext<Options>,
  discovered: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  await captureDocuments(cognito, context, discovered, sink);
  const scene = await sceneOf(cognito, context);
  const address = addressOf(discovered.ref, '');
  const pool = await poolOf(scene, address, discovered.listed);
  const row = (key: string, document: Json): NewEntry => ({ key, kind: 'row', document });
  let federated = 0;
  await attempt(sink, usersCollection, async () => {
    const users = sink.collection(usersCollection, { order: 'unsorted' });
    for await (const user of listUsers(scene, address)) {
      if (isFederated(user)) federated++;
      await users.add(row(keyOf(user, pool), { ...user } satisfies UserRow));
    }
  });
  await attempt(sink, membersCollection, async () => {
    const members = sink.collection(membersCollection, { order: 'unsorted' });
    for (const group of Object.keys(((await groups.read(scene, address)) ?? {}) as object))
      for await (const user of listMembers(scene, address, group)) {
        const key = keyOf(user, pool);
        await members.add(
          row(`${group}/${key}`, { group, user: key, ...(isFederated(user) ? { isFederated: true } : {}) }),
        );
      }
  });
  if (federated === 0) return;
  sink.note({
    class: 'needs-human',
    what: 'users who come from other identity providers',
    why: 'Nobody can create them: Cognito does when they sign in again, with another `sub` and in no group.',
    action: 'Let them sign in, and put them into their groups again; links to users of the pool must be made anew.',
    count: federated,
  });
}

/** A listing that is refused costs itself. */
async function attempt(sink: CaptureSink, collection: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error, { collection, key: '' });
  }
}
