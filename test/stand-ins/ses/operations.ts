import { add, found, page, Refused, remove, type Fields, type Region } from './state.ts';

type Operation = (region: Region, input: Fields, count: () => number) => Fields;

const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Merges into what is there: `Put…` and `Update…`. */
const setIn =
  (
    map: (region: Region) => Map<string, Fields>,
    key: string,
    change: (one: Fields, input: Fields) => void,
  ): Operation =>
  (region, input) => {
    change(found(map(region), input[key]), without(input, key));
    return {};
  };

const policies = (one: Fields): Fields => one['Policies'] as Fields;
const destinations = (one: Fields): Fields[] => one['EventDestinations'] as Fields[];
const identities = (region: Region): Map<string, Fields> => region.identities;
const sets = (region: Region): Map<string, Fields> => region.sets;

function optionsOf(field: string): Operation {
  return setIn(sets, 'ConfigurationSetName', (one, given) => {
    const value = field in given ? given[field] : given;
    if (Object.keys(value as Fields).length === 0) delete one[field];
    else one[field] = value;
  });
}

function changeDestinations(change: (all: Fields[], name: unknown, given: Fields) => Fields[]): Operation {
  return setIn(sets, 'ConfigurationSetName', (one, { EventDestinationName: name, EventDestination }) => {
    one['EventDestinations'] = change(destinations(one), name, { Name: name, ...(EventDestination as Fields) });
  });
}

function tagged(region: Region, arn: unknown): Fields {
  const [, kind = '', name = ''] = /:([a-z-]+)\/([^:]+)$/.exec(String(arn)) ?? [];
  const maps: Readonly<Record<string, Map<string, Fields>>> = {
    identity: region.identities,
    'configuration-set': region.sets,
    'contact-list': region.lists,
    template: region.templates,
  };
  return found(maps[kind] ?? new Map<string, Fields>(), name);
}

/** What the stand-in knows to do; anything else is refused. */
export const operations: Readonly<Record<string, Operation>> = {
  ListEmailIdentities(region, input) {
    const all = [...region.identities].map(([IdentityName, { IdentityType }]) => ({ IdentityName, IdentityType }));
    const { items, next } = page(all, input);
    return { EmailIdentities: items, ...next };
  },
  GetEmailIdentity: (region, { EmailIdentity }) => found(region.identities, EmailIdentity),
  CreateEmailIdentity(region, { EmailIdentity: name, Tags = [], ConfigurationSetName, DkimSigningAttributes }, count) {
    const isDomain = !String(name).includes('@');
    const external = (DkimSigningAttributes as Fields | undefined)?.['DomainSigningSelector'] !== undefined;
    const DkimAttributes = {
      SigningEnabled: isDomain,
      Status: isDomain ? 'PENDING' : 'NOT_STARTED',
      SigningAttributesOrigin: external ? 'EXTERNAL' : 'AWS_SES',
      ...(isDomain && !external
        ? { Tokens: [1, 2, 3].map((n) => `token${count()}n${n}`), NextSigningKeyLength: 'RSA_2048_BIT' }
        : {}),
    };
    add(region.identities, name, {
      IdentityType: isDomain ? 'DOMAIN' : 'EMAIL_ADDRESS',
      FeedbackForwardingStatus: true,
      VerifiedForSendingStatus: false,
      VerificationStatus: 'PENDING',
      MailFromAttributes: { MailFromDomainStatus: 'PENDING', BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
      DkimAttributes,
      Policies: {},
      Tags,
      ...(ConfigurationSetName === undefined ? {} : { ConfigurationSetName }),
    });
    return { IdentityType: isDomain ? 'DOMAIN' : 'EMAIL_ADDRESS', VerifiedForSendingStatus: false, DkimAttributes };
  },
  DeleteEmailIdentity: (region, { EmailIdentity }) => (remove(region.identities, EmailIdentity), {}),
  PutEmailIdentityDkimAttributes: setIn(identities, 'EmailIdentity', (one, given) => {
    one['DkimAttributes'] = { ...(one['DkimAttributes'] as Fields), ...given };
  }),
  PutEmailIdentityMailFromAttributes: setIn(
    identities,
    'EmailIdentity',
    (one, { MailFromDomain, BehaviorOnMxFailure }) => {
      one['MailFromAttributes'] = {
        ...(MailFromDomain ? { MailFromDomain } : {}),
        MailFromDomainStatus: 'PENDING',
        BehaviorOnMxFailure: BehaviorOnMxFailure ?? 'USE_DEFAULT_VALUE',
      };
    },
  ),
  PutEmailIdentityFeedbackAttributes: setIn(identities, 'EmailIdentity', (one, { EmailForwardingEnabled }) => {
    one['FeedbackForwardingStatus'] = EmailForwardingEnabled ?? false;
  }),
  PutEmailIdentityConfigurationSetAttributes: (region, { EmailIdentity, ConfigurationSetName }) => {
    if (ConfigurationSetName !== undefined) found(region.sets, ConfigurationSetName);
    found(region.identities, EmailIdentity)['ConfigurationSetName'] = ConfigurationSetName;
    return {};
  },
  CreateEmailIdentityPolicy: setIn(identities, 'EmailIdentity', (one, { PolicyName, Policy }) => {
    if (String(PolicyName) in policies(one)) throw new Refused(400, 'AlreadyExistsException', 'the policy exists');
    policies(one)[String(PolicyName)] = Policy;
  }),
  UpdateEmailIdentityPolicy: setIn(identities, 'EmailIdentity', (one, { PolicyName, Policy }) => {
    policies(one)[String(PolicyName)] = Policy;
  }),
  DeleteEmailIdentityPolicy: setIn(identities, 'EmailIdentity', (one, { PolicyName }) => {
    delete policies(one)[String(PolicyName)];
  }),

  ListConfigurationSets(region, input) {
    const { items, next } = page([...region.sets.keys()], input);
    return { ConfigurationSets: items, ...next };
  },
  GetConfigurationSet: (region, { ConfigurationSetName }) =>
    without(found(region.sets, ConfigurationSetName), 'EventDestinations'),
  CreateConfigurationSet(region, input) {
    const defaults = {
      ReputationOptions: { ReputationMetricsEnabled: false, LastFreshStart: 1700000000 },
      SendingOptions: { SendingEnabled: true },
      Tags: [],
      EventDestinations: [],
    };
    add(region.sets, input['ConfigurationSetName'], { ...defaults, ...input });
    return {};
  },
  DeleteConfigurationSet: (region, { ConfigurationSetName }) => (remove(region.sets, ConfigurationSetName), {}),
  PutConfigurationSetTrackingOptions: optionsOf('TrackingOptions'),
  PutConfigurationSetDeliveryOptions: optionsOf('DeliveryOptions'),
  PutConfigurationSetReputationOptions: optionsOf('ReputationOptions'),
  PutConfigurationSetSendingOptions: optionsOf('SendingOptions'),
  PutConfigurationSetSuppressionOptions: optionsOf('SuppressionOptions'),
  PutConfigurationSetVdmOptions: optionsOf('VdmOptions'),
  PutConfigurationSetArchivingOptions: optionsOf('ArchivingOptions'),
  GetConfigurationSetEventDestinations: (region, { ConfigurationSetName }) => ({
    EventDestinations: destinations(found(region.sets, ConfigurationSetName)),
  }),
  CreateConfigurationSetEventDestination: changeDestinations((all, name, given) => {
    if (all.some((one) => one['Name'] === name)) throw new Refused(400, 'AlreadyExistsException', 'it exists');
    return [given, ...all];
  }),
  UpdateConfigurationSetEventDestination: changeDestinations((all, name, given) =>
    all.map((one) => (one['Name'] === name ? given : one)),
  ),
  DeleteConfigurationSetEventDestination: changeDestinations((all, name) => all.filter((one) => one['Name'] !== name)),

  ListEmailTemplates(region, input) {
    const { items, next } = page([...region.templates.keys()], input);
    return {
      TemplatesMetadata: items.map((TemplateName) => ({ TemplateName, CreatedTimestamp: 1700000000 })),
      ...next,
    };
  },
  GetEmailTemplate: (region, { TemplateName }) => found(region.templates, TemplateName),
  CreateEmailTemplate: (region, input) => (add(region.templates, input['TemplateName'], { Tags: [], ...input }), {}),
  UpdateEmailTemplate: setIn(
    (region) => region.templates,
    'TemplateName',
    (one, given) => void Object.assign(one, given),
  ),
  DeleteEmailTemplate: (region, { TemplateName }) => (remove(region.templates, TemplateName), {}),

  ListContactLists(region, input) {
    const { items, next } = page([...region.lists.keys()], input);
    return { ContactLists: items.map((ContactListName) => ({ ContactListName })), ...next };
  },
  GetContactList: (region, { ContactListName }) => found(region.lists, ContactListName),
  CreateContactList(region, input) {
    if (region.lists.size > 0) throw new Refused(400, 'LimitExceededException', 'an account has one list');
    add(region.lists, input['ContactListName'], { Tags: [], CreatedTimestamp: 1700000000, ...input });
    return {};
  },
  UpdateContactList: setIn(
    (region) => region.lists,
    'ContactListName',
    (one, given) => {
      delete one['Description'];
      delete one['Topics'];
      Object.assign(one, given);
    },
  ),
  DeleteContactList(region, { ContactListName }) {
    remove(region.lists, ContactListName);
    region.contacts.clear();
    return {};
  },
  ListContacts(region, input) {
    found(region.lists, input['ContactListName']);
    const { items, next } = page([...region.contacts.values()], input);
    // What a contact is told apart by its own attributes has to be asked for one by one.
    return { Contacts: items.map((one) => without(one as Fields, 'AttributesData')), ...next };
  },
  GetContact: (region, { EmailAddress }) => found(region.contacts, EmailAddress),
  CreateContact(region, input) {
    found(region.lists, input['ContactListName']);
    const LastUpdatedTimestamp = 1700000000;
    add(region.contacts, input['EmailAddress'], { ...without(input, 'ContactListName'), LastUpdatedTimestamp });
    return {};
  },
  UpdateContact(region, input) {
    const { EmailAddress } = input;
    found(region.contacts, EmailAddress);
    const LastUpdatedTimestamp = 1700000001;
    region.contacts.set(String(EmailAddress), { ...without(input, 'ContactListName'), LastUpdatedTimestamp });
    return {};
  },
  DeleteContact: (region, { EmailAddress }) => (remove(region.contacts, EmailAddress), {}),

  ListSuppressedDestinations(region, input) {
    const { items, next } = page([...region.suppressed.values()], input);
    return { SuppressedDestinationSummaries: items, ...next };
  },
  PutSuppressedDestination(region, { EmailAddress, Reason }) {
    region.suppressed.set(String(EmailAddress), { EmailAddress, Reason, LastUpdateTime: 1700000000 });
    return {};
  },
  DeleteSuppressedDestination: (region, { EmailAddress }) => (remove(region.suppressed, EmailAddress), {}),

  GetAccount: (region) => region.account,
  PutAccountSuppressionAttributes(region, { SuppressedReasons = [] }) {
    region.account['SuppressionAttributes'] = { SuppressedReasons };
    return {};
  },
  PutAccountVdmAttributes(region, { VdmAttributes }) {
    region.account['VdmAttributes'] = VdmAttributes;
    return {};
  },
  PutAccountDedicatedIpWarmupAttributes(region, { AutoWarmupEnabled = false }) {
    region.account['DedicatedIpAutoWarmupEnabled'] = AutoWarmupEnabled;
    return {};
  },
  TagResource(region, { ResourceArn, Tags }) {
    const one = tagged(region, ResourceArn);
    const named = new Map([...(one['Tags'] as Fields[]), ...(Tags as Fields[])].map((tag) => [tag['Key'], tag]));
    one['Tags'] = [...named.values()];
    return {};
  },
  UntagResource(region, { ResourceArn, TagKeys }) {
    const one = tagged(region, ResourceArn);
    const keys = [TagKeys].flat();
    one['Tags'] = (one['Tags'] as Fields[]).filter((tag) => !keys.includes(tag['Key']));
    return {};
  },
};
