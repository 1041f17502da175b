import type { PasswordPolicy } from '@aws-sdk/client-iam';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import { strings, valueGoal, type Aspect, type RestoreKind } from './aspect.ts';
import { plain } from './client.ts';
import { isTaken, patiently } from './patience.ts';
import { missing } from './restore-role.ts';

const from = { collection: '', key: 'account.json' } as const;

const passwordPolicy: Aspect = {
  name: 'password-policy',
  from,
  goal: (wanted, live, mode) => valueGoal(wanted ?? undefined, live, mode),
  async write(place, goal) {
    const { client } = place;
    if (goal === undefined || goal === null) {
      const remove = async () => await client.deleteAccountPasswordPolicy({});
      await patiently(place, 'DeleteAccountPasswordPolicy', remove);
      return;
    }
    // Follows from MaxPasswordAge.
    const { ExpirePasswords: _, ...policy } = goal as PasswordPolicy;
    const update = async () => await client.updateAccountPasswordPolicy(policy);
    await patiently(place, 'UpdateAccountPasswordPolicy', update);
  },
};

/** An account has one alias at most, which no other account in the world may have. */
const alias: Aspect = {
  name: 'alias',
  from,
  goal: (wanted, live, mode) => (strings(wanted).length > 0 || mode === 'exact' ? wanted : live),
  async write(place, goal, live) {
    const { client, resource } = place;
    const [AccountAlias] = strings(goal);
    for (const old of strings(live))
      await patiently(place, 'DeleteAccountAlias', async () => await client.deleteAccountAlias({ AccountAlias: old }));
    if (AccountAlias === undefined) return;
    try {
      await patiently(place, 'CreateAccountAlias', async () => await client.createAccountAlias({ AccountAlias }));
    } catch (error) {
      if (!isTaken(error)) throw error;
      throw new HoldfastError('item.conflict', `another account has the alias ${AccountAlias}`, {
        resource,
        cause: error,
        hint: 'Delete it in that account first, or choose another one.',
      });
    }
  },
};

/** What an account has once: always there. */
export const account: RestoreKind = {
  rank: 0,
  aspects: [passwordPolicy, alias],
  async live({ client, resource }) {
    const asked = client.getAccountPasswordPolicy({});
    const policy = await optional(asked, 'GetAccountPasswordPolicy', resource, ...missing);
    const listed = await required(client.listAccountAliases({}), 'ListAccountAliases', resource);
    const found: Json | undefined = policy?.PasswordPolicy && plain(policy.PasswordPolicy);
    return { state: { 'password-policy': found, alias: [...(listed.AccountAliases ?? [])].sort() } };
  },
};
