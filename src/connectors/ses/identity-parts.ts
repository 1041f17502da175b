import type { BehaviorOnMxFailure } from '@aws-sdk/client-sesv2';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { pick } from '../documents/facts.ts';
import { question, type SesPart } from './shapes.ts';

export const ask = question('GetEmailIdentity', ({ v2 }, EmailIdentity) => v2.getEmailIdentity({ EmailIdentity }));

export interface Dkim {
  readonly SigningEnabled: boolean;
  /** `AWS_SES`, `EXTERNAL` for a key of one's own, `AWS_SES_<REGION>` for that of another region. */
  readonly Origin?: string;
  readonly KeyLength?: string;
  /** Names of the records that show the domain is one's own. */
  readonly Tokens?: readonly string[];
}

export const identity: SesPart = {
  file: 'identity.json',
  read: async (scene, address, listed) =>
    pick(await ask(scene, address, listed), 'IdentityType', 'ConfigurationSetName', 'FeedbackForwardingStatus'),
  async write({ client: { v2 } }, { name, resource }, wanted) {
    const said = wanted as { readonly ConfigurationSetName?: string; readonly FeedbackForwardingStatus?: boolean };
    const { ConfigurationSetName, FeedbackForwardingStatus: EmailForwardingEnabled = false } = said;
    const EmailIdentity = name;
    const set = v2.putEmailIdentityConfigurationSetAttributes({ EmailIdentity, ConfigurationSetName });
    await required(set, 'PutEmailIdentityConfigurationSetAttributes', resource);
    const feedback = v2.putEmailIdentityFeedbackAttributes({ EmailIdentity, EmailForwardingEnabled });
    await required(feedback, 'PutEmailIdentityFeedbackAttributes', resource);
  },
};

export const dkim: SesPart = {
  file: 'dkim.json',
  async read(scene, address, listed) {
    const said = ((await ask(scene, address, listed))['DkimAttributes'] ?? {}) as Readonly<Record<string, Json>>;
    const { SigningEnabled = false, SigningAttributesOrigin: Origin, NextSigningKeyLength: KeyLength, Tokens } = said;
    return { SigningEnabled, Origin, KeyLength, Tokens: Tokens && [...(Tokens as readonly string[])].sort() };
  },
  // Keys and tokens are others with each identity that is made.
  comparable: (document) => ({ SigningEnabled: (document as unknown as Dkim).SigningEnabled }),
  async write({ client: { v2 } }, { name, resource }, wanted) {
    const { SigningEnabled } = wanted as unknown as Dkim;
    const putting = v2.putEmailIdentityDkimAttributes({ EmailIdentity: name, SigningEnabled });
    await required(putting, 'PutEmailIdentityDkimAttributes', resource);
  },
};

export const mailFrom: SesPart = {
  file: 'mail-from.json',
  async read(scene, address, listed) {
    const said = (await ask(scene, address, listed))['MailFromAttributes'] as object | undefined;
    const found = pick(said, 'MailFromDomain', 'BehaviorOnMxFailure');
    return found['MailFromDomain'] ? found : undefined;
  },
  async write({ client: { v2 } }, { name, resource }, wanted) {
    const said = (wanted ?? {}) as { readonly MailFromDomain?: string; readonly BehaviorOnMxFailure?: string };
    const putting = v2.putEmailIdentityMailFromAttributes({
      EmailIdentity: name,
      MailFromDomain: said.MailFromDomain ?? '',
      ...(said.BehaviorOnMxFailure ? { BehaviorOnMxFailure: said.BehaviorOnMxFailure as BehaviorOnMxFailure } : {}),
    });
    await required(putting, 'PutEmailIdentityMailFromAttributes', resource);
  },
};
