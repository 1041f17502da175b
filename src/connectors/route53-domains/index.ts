import type { Connector } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import { delegatingContext } from './delegation.ts';
import { files, type Listed } from './domains.ts';
import { expiryNote } from './ledger.ts';
import { route53Domains } from './service.ts';

const base = documentConnector(route53Domains);
const { live } = base;

/** Domains registered with Route 53: who answers for them, and what keeps them; never the registration itself. */
export const connector: Connector<Record<string, never>> = {
  ...base,
  async capture(context, resource, sink) {
    await base.capture(context, resource, sink);
    const listed = (resource.listed ?? {}) as unknown as Listed;
    const note = expiryNote(listed, resource.ref.name, context.runtime.clock.now());
    if (note) sink.note(note);
  },
  // What a restore leaves to people it does not plan for; drift tells it all the same.
  comparable: (where, value) =>
    where.key === files.contacts || where.key === files.dnssec ? value : (base.comparable?.(where, value) ?? value),
  ...(live
    ? {
        live: {
          ...live,
          plan: async (context, captured) => await live.plan(await delegatingContext(context, captured), captured),
          apply: async (context, action, captured) =>
            await live.apply(await delegatingContext(context, captured), action, captured),
        },
      }
    : {}),
};
