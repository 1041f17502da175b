import type { SuppressionListReason, VdmAttributes } from '@aws-sdk/client-sesv2';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { pick } from '../documents/facts.ts';
import type { Clients } from './calls.ts';
import { arnOf, question, type SesPart } from './shapes.ts';

const ask = question('GetAccount', ({ v2 }) => v2.getAccount({}));

/** What AWS approved: nobody sets it, so that it is kept and not restored. */
const approved: SesPart = {
  file: 'account.json',
  async read(scene, address) {
    const answer = await ask(scene, address);
    return {
      ...pick(answer, 'ProductionAccessEnabled', 'SendingEnabled', 'Details'),
      SendQuota: pick(answer['SendQuota'] as object | undefined, 'Max24HourSend', 'MaxSendRate'),
    };
  },
  comparable: () => undefined,
};

const suppression: SesPart = {
  file: 'account-suppression.json',
  async read(scene, address) {
    const { SuppressedReasons = [] } = ((await ask(scene, address))['SuppressionAttributes'] ?? {}) as {
      readonly SuppressedReasons?: readonly string[];
    };
    return { SuppressedReasons: [...SuppressedReasons].sort() };
  },
  async write({ client }, { resource }, wanted) {
    const { SuppressedReasons } = wanted as { readonly SuppressedReasons: SuppressionListReason[] };
    const putting = client.v2.putAccountSuppressionAttributes({ SuppressedReasons });
    await required(putting, 'PutAccountSuppressionAttributes', resource);
  },
};

const vdm: SesPart = {
  file: 'account-vdm.json',
  read: async (scene, address) => (await ask(scene, address))['VdmAttributes'],
  async write({ client }, { resource }, wanted) {
    const VdmAttributes = (wanted ?? { VdmEnabled: 'DISABLED' }) as unknown as VdmAttributes;
    await required(client.v2.putAccountVdmAttributes({ VdmAttributes }), 'PutAccountVdmAttributes', resource);
  },
};

const warmUp: SesPart = {
  file: 'account-dedicated-ips.json',
  read: async (scene, address) => pick(await ask(scene, address), 'DedicatedIpAutoWarmupEnabled'),
  async write({ client }, { resource }, wanted) {
    const { DedicatedIpAutoWarmupEnabled } = wanted as { readonly DedicatedIpAutoWarmupEnabled?: boolean };
    const putting = client.v2.putAccountDedicatedIpWarmupAttributes({
      AutoWarmupEnabled: DedicatedIpAutoWarmupEnabled,
    });
    await required(putting, 'PutAccountDedicatedIpWarmupAttributes', resource);
  },
};

/** What is set for the whole account in a region. It is always there. */
export const account: DocumentKind<Clients> = {
  kind: 'account',
  async *list({ aws }) {
    yield { name: 'settings', id: arnOf(aws, 'account', 'settings') };
  },
  parts: [approved, suppression, vdm, warmUp],
  live: {
    find: async ({ aws }) => arnOf(aws, 'account', 'settings'),
    async create() {
      throw new HoldfastError('internal.bug', 'nobody makes an account');
    },
  },
  notes(documents) {
    const { ProductionAccessEnabled } = (documents.get('account.json') ?? {}) as Readonly<Record<string, Json>>;
    if (ProductionAccessEnabled !== true) return [];
    return [
      {
        class: 'needs-human',
        what: 'leave to send to anybody, and sending quota',
        why: 'An account begins in the sandbox of each region, and people at AWS decide, over days, who leaves it.',
        action: 'Ask for production access and the quota in the recovery account and region now.',
      },
    ];
  },
};
