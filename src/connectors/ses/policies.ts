import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { ask } from './identity-parts.ts';
import type { SesPart } from './shapes.ts';

type Policies = Readonly<Record<string, Json>>;

/** Who else may send from it, by the policy's name. They may name roles and accounts. */
export const policies: SesPart = {
  file: 'policies.json',
  phase: 'settle',
  async read(scene, address, listed) {
    const texts = Object.entries(((await ask(scene, address, listed))['Policies'] ?? {}) as Record<string, string>);
    if (texts.length === 0) return undefined;
    return Object.fromEntries(texts.map(([name, text]) => [name, JSON.parse(text) as Json]));
  },
  async write({ client: { v2 } }, { name: EmailIdentity, resource }, wanted, live) {
    const there = (live ?? {}) as Policies;
    const to = (wanted ?? {}) as Policies;
    for (const [PolicyName, document] of Object.entries(to)) {
      const input = { EmailIdentity, PolicyName, Policy: JSON.stringify(document) };
      const before = there[PolicyName];
      if (before === undefined)
        await required(v2.createEmailIdentityPolicy(input), 'CreateEmailIdentityPolicy', resource);
      else if (canonicalJson(before) !== canonicalJson(document))
        await required(v2.updateEmailIdentityPolicy(input), 'UpdateEmailIdentityPolicy', resource);
    }
    for (const PolicyName of Object.keys(there)) {
      if (PolicyName in to) continue;
      const removing = v2.deleteEmailIdentityPolicy({ EmailIdentity, PolicyName });
      await required(removing, 'DeleteEmailIdentityPolicy', resource);
    }
  },
};
