import type { CapturedResource } from '../../kernel/entry.ts';
import { forEachConcurrent } from '../../kernel/concurrency.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import { isAwsError, required } from '../aws/classify.ts';
import type { ActionOutcome, PlannedAction, RestoreContext } from '../contract.ts';
import { apply as applyDocuments } from '../documents/apply.ts';
import { addressAt, targetOf } from '../documents/target.ts';
import type { Cognito } from './calls.ts';
import { clientIdentities, type Clients } from './clients.ts';
import { files } from './pool.ts';
import { cognito } from './service.ts';
import { memberDifference, userDifference, type Options, type PoolTarget, type UserChange } from './user-difference.ts';
import { settable } from './users.ts';

const atOnce = 8;

/** Performs one action; users are compared anew, so that it may be repeated. */
export async function apply(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  if (action.operation === 'create') return await applyDocuments(cognito, context, action, captured);
  if (action.operation === 'write') return await write(context, action, captured);
  const target = await targetOf(cognito, context, captured);
  const { id, resource, scene } = target;
  if (id === undefined) throw new HoldfastError('item.not-found', `${resource} is not at the target`, { resource });
  const { client } = scene;
  const at = { client, id, resource };
  switch (action.operation) {
    case 'create-users':
      return await each(
        target,
        async () => (await userDifference(target)).missing,
        async (user) => await createUser(at, user),
      );
    case 'change-users':
      return await each(
        target,
        async () => (await userDifference(target)).changed,
        async (user) => await changeUser(at, user),
      );
    case 'delete-users':
      return await each(
        target,
        async () => (await userDifference(target)).extra,
        async (Username) => {
          await required(client.adminDeleteUser({ UserPoolId: id, Username }), 'AdminDeleteUser', resource);
        },
      );
    case 'add-members':
      return await each(
        target,
        async () => (await memberDifference(target)).missing,
        async ({ group, user }) => {
          const member = { UserPoolId: id, GroupName: group, Username: user };
          await required(client.adminAddUserToGroup(member), 'AdminAddUserToGroup', resource);
        },
      );
    case 'remove-members':
      return await each(
        target,
        async () => (await memberDifference(target)).extra,
        async ({ group, user }) => {
          const member = { UserPoolId: id, GroupName: group, Username: user };
          await required(client.adminRemoveUserFromGroup(member), 'AdminRemoveUserFromGroup', resource);
        },
      );
    default:
      throw new HoldfastError('plan.invalid', `${action.operation} is nothing that can be done to ${resource}`);
  }
}

async function write(
  context: RestoreContext<Options>,
  action: PlannedAction,
  captured: CapturedResource,
): Promise<ActionOutcome> {
  const outcome = await applyDocuments(cognito, context, action, captured);
  if ((action.input as { readonly file?: string }).file !== files.clients) return outcome;
  const target = await targetOf(cognito, context, captured);
  const clients = ((await captured.json('', files.clients)) ?? {}) as Clients;
  const identities = await clientIdentities(target.scene, addressAt(target, target.id ?? ''), clients);
  return identities.length === 0 ? outcome : { ...outcome, class: 'new-identity', identities };
}

/** One item after the other, some at once; what fails costs itself. Then it is looked whether nothing is left. */
async function each<Item>(
  { resource }: PoolTarget,
  find: () => Promise<readonly Item[]>,
  perform: (item: Item) => Promise<void>,
): Promise<ActionOutcome> {
  const items = await find();
  if (items.length === 0) return { result: 'unchanged', class: 'exact' };
  const failures: HoldfastError[] = [];
  await forEachConcurrent(items, atOnce, async (item) => {
    try {
      await perform(item);
    } catch (error) {
      if (!isItemError(error)) throw error;
      failures.push(error);
    }
  });
  const left = (await find()).length - failures.length;
  if (left > 0)
    throw new HoldfastError('item.changed', `${left} users of ${resource} were written but read back otherwise`, {
      resource,
    });
  return { result: 'done', class: 'exact', items: items.length - failures.length, failures };
}

interface At {
  readonly client: Cognito;
  readonly id: string;
  readonly resource: string;
}

/** Without a word to the user, and with no password: one must be chosen before the first sign-in. */
async function createUser({ client, id: UserPoolId, resource }: At, { key, wanted }: UserChange): Promise<void> {
  const UserAttributes = Object.entries(settable(wanted)).map(([Name, Value]) => ({ Name, Value }));
  const creating = client.adminCreateUser({ UserPoolId, Username: key, UserAttributes, MessageAction: 'SUPPRESS' });
  try {
    await creating;
  } catch (error) {
    // An earlier attempt whose answer was lost.
    if (!isAwsError(error, 'UsernameExistsException'))
      await required(Promise.reject(error), 'AdminCreateUser', resource);
  }
  if (!wanted.enabled)
    await required(client.adminDisableUser({ UserPoolId, Username: key }), 'AdminDisableUser', resource);
}

async function changeUser({ client, id: UserPoolId, resource }: At, { wanted, live }: UserChange): Promise<void> {
  const Username = live?.username ?? '';
  const attributes = settable(wanted);
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  const updating = client.adminUpdateUserAttributes({ UserPoolId, Username, UserAttributes });
  await required(updating, 'AdminUpdateUserAttributes', resource);
  const gone = (live?.names ?? []).filter((name) => !(name in attributes));
  if (gone.length > 0) {
    const deleting = client.adminDeleteUserAttributes({ UserPoolId, Username, UserAttributeNames: gone });
    await required(deleting, 'AdminDeleteUserAttributes', resource);
  }
  const user = { UserPoolId, Username };
  await required(
    wanted.enabled ? client.adminEnableUser(user) : client.adminDisableUser(user),
    wanted.enabled ? 'AdminEnableUser' : 'AdminDisableUser',
    resource,
  );
}
