import { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { useEndpoints } from '../../../test/emulators/index.ts';
import { simulatedRuntime } from '../../../test/simulated-time.ts';
import { startDomains, type DomainsStandIn } from '../../../test/stand-ins/route53-domains/server.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

const phone = '+1.2065550142';
const servers = ['ns-1.awsdns-01.org', 'ns-2.awsdns-02.com', 'ns-3.awsdns-03.net', 'ns-4.awsdns-04.co.uk'];
const years = (count: number): Date => new Date(Date.UTC(2026 + count, 0, 1));
const client = (): Route53Domains => new Route53Domains({ region: 'us-east-1' });

async function start(): Promise<DomainsStandIn> {
  const standIn = await startDomains();
  cleanups.push(() => standIn.stop(), useEndpoints({ all: standIn.endpoint }));
  return standIn;
}

function seed({ state }: DomainsStandIn): void {
  const contact = { FirstName: 'Ada', PhoneNumber: phone, Email: 'ada@example.net' };
  const contacts = { AdminContact: contact, RegistrantContact: contact, TechContact: contact, AdminPrivacy: true };
  state.domains.push(
    {
      DomainName: 'acme.example',
      Nameservers: servers.map((Name) => ({ Name })),
      AutoRenew: true,
      StatusList: ['clientTransferProhibited'],
      DnssecKeys: [{ Id: 'key-1', Algorithm: 13, Flags: 257, PublicKey: 'cHVibGlj', KeyTag: 4711 }],
      ExpirationDate: years(4),
      UpdatedDate: new Date(),
      ...contacts,
    },
    {
      DomainName: 'acme-old.example',
      Nameservers: [
        { Name: 'NS1.acme-old.example', GlueIps: ['192.0.2.2', '192.0.2.1'] },
        { Name: 'ns2.elsewhere.example' },
      ],
      AutoRenew: false,
      StatusList: ['ok'],
      ExpirationDate: years(5),
      ...contacts,
    },
    { DomainName: 'third.example', Nameservers: [], AutoRenew: true, ExpirationDate: years(3), ...contacts },
  );
  state.tags.set('acme.example', new Map([['site', 'acme']]));
  state.zones.push({ id: 'Z1', name: 'acme.example', nameServers: servers });
}

describeConnector('route53-domains', async () => {
  const standIn = await start();
  const domains = client();
  return {
    connector,
    options: {},
    region: 'eu-west-1',
    callsPerResource: 4,
    servedBy: 'a stand-in of ours',
    unverified: ['a registry: what it refuses, and how long it takes'],
    async seed() {
      seed(standIn);
      await Promise.resolve();
    },
    async readBack() {
      const found: unknown[] = [];
      for (const { DomainName } of standIn.state.domains) {
        const { $metadata: _, Nameservers = [], ...facts } = await domains.getDomainDetail({ DomainName });
        const hosts = Nameservers.map(({ Name = '', GlueIps = [] }) =>
          [Name.toLowerCase(), ...GlueIps.toSorted()].join(),
        );
        found.push([facts, hosts.sort(), (await domains.listTagsForDomain({ DomainName })).TagList]);
      }
      return found;
    },
    async damage() {
      const DomainName = 'acme.example';
      await domains.updateDomainNameservers({ DomainName, Nameservers: [{ Name: 'ns.thief.example' }] });
      await domains.disableDomainTransferLock({ DomainName });
      await domains.disableDomainAutoRenew({ DomainName });
      await domains.deleteTagsForDomain({ DomainName, TagsToDelete: ['site'] });
      await domains.enableDomainAutoRenew({ DomainName: 'acme-old.example' });
      const Nameservers = [{ Name: 'ns1.acme-old.example', GlueIps: ['198.51.100.9'] }];
      await domains.updateDomainNameservers({ DomainName: 'acme-old.example', Nameservers });
      await domains.disableDomainAutoRenew({ DomainName: 'third.example' });
    },
  };
});

async function captured(now?: number) {
  const { context, identities } = conformanceContext({}, 'us-east-1', 'global');
  const at = now === undefined ? context : { ...context, runtime: simulatedRuntime(1, now) };
  return { context: at, identities, all: await captureAll(connector, at) };
}

describe('route53-domains', () => {
  it('says what a lost domain means, and which one expires within 60 days', async () => {
    seed(await start());
    const { all } = await captured(years(3).getTime() - 59 * 86_400_000);
    const ledger = (name: string) => all.get(name)?.captured.ledger.map(({ class: one, what }) => [one, what]);
    expect(ledger('acme.example')).toEqual([
      ['lost', 'the registration'],
      ['needs-human', 'contacts'],
      ['needs-human', 'keys of DNSSEC'],
    ]);
    expect(ledger('third.example')).toContainEqual(['needs-human', 'expiry']);
    const why = all.get('third.example')?.captured.ledger.at(-1)?.why;
    expect(why).toBe('third.example expires on 2029-01-01, in 59 days.');
  });

  it('keeps people in the secret part only, and tells in drift that they changed', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const { all } = await captured();
    const acme = all.get('acme.example') ?? expect.fail();
    for (const file of ['domain.json', 'name-servers.json', 'settings.json', 'dnssec.json', 'tags.json'])
      expect(JSON.stringify(await acme.captured.json('', file))).not.toContain(phone);
    const contacts = (await acme.captured.json('', 'contacts.json')) ?? expect.fail();
    expect(JSON.stringify(contacts)).toContain(phone);
    expect(JSON.stringify(acme.captured.ledger)).not.toContain(phone);
    const where = { collection: '', key: 'contacts.json', part: 'content' } as const;
    expect(connector.comparable?.(where, contacts)).toEqual(contacts);
    // Renewals and states of the registry are no drift.
    const registered = { ExpirationDate: '2027-01-01T00:00:00.000Z', StatusList: ['ok'] };
    expect(connector.comparable?.({ ...where, key: 'domain.json' }, registered)).toEqual({});
  });

  it('cannot register a domain that is gone, and says what to do', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const { context, all } = await captured();
    state.domains.splice(0, 1);
    const lost = all.get('acme.example')?.captured ?? expect.fail();
    await expect(connector.live?.plan(context, lost)).rejects.toMatchObject({ code: 'item.not-found' });
    await expect(connector.live?.plan(context, lost)).rejects.toThrow(/not registered in this account/);
  });

  it('leads to the zone that was made again, and leaves name servers alone where it cannot know', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const { context, identities, all } = await captured();
    const acme = new Map([...all].filter(([name]) => name === 'acme.example'));
    const now = servers.map((server) => server.replace('ns-', 'ns-10'));
    state.zones.splice(0, 1, { id: 'Z2', name: 'acme.example', nameServers: now });
    expect(await restoreAll(connector, context, acme, identities)).toBe(1);
    const { Nameservers = [] } = await client().getDomainDetail({ DomainName: 'acme.example' });
    expect(Nameservers.map(({ Name = '' }) => Name).toSorted()).toEqual(now.toSorted());
    expect(await restoreAll(connector, context, acme, identities)).toBe(0);
    // Two zones of the name: nobody can tell which one is meant.
    state.zones.push({ id: 'Z3', name: 'acme.example', nameServers: ['ns-9.awsdns-09.org'] });
    expect(await restoreAll(connector, context, acme, identities)).toBe(0);
  });

  it('leaves a domain alone that led to a zone of another account', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const stale = { id: 'Z9', name: 'acme.example', nameServers: ['ns-9.awsdns-09.org'] };
    state.zones.splice(0, 1, stale);
    const { context, identities, all } = await captured();
    expect(await all.get('acme.example')?.captured.json('', 'delegation.json')).toBeUndefined();
    expect(await restoreAll(connector, context, all, identities)).toBe(0);
  });

  it('finds the zone behind private ones of the same name', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const [own] = state.zones.splice(0, 1);
    for (const id of ['Z0', 'Z00', 'Z000'])
      state.zones.push({ id, name: 'acme.example', nameServers: [], isPrivate: true });
    if (own) state.zones.push(own);
    const { all } = await captured();
    expect(await all.get('acme.example')?.captured.json('', 'delegation.json')).toEqual({ HostedZoneId: 'Z1' });
  });

  it('waits for a change that an attempt before began, and makes its own after it', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const { context, identities, all } = await captured(Date.UTC(2026, 10, 22));
    const acme = new Map([...all].filter(([name]) => name === 'acme.example'));
    const [first] = state.domains;
    Object.assign(first ?? {}, { Nameservers: [{ Name: 'ns.thief.example' }] });
    state.slow = 3;
    const Nameservers = [{ Name: 'ns.other.example' }];
    await client().updateDomainNameservers({ DomainName: 'acme.example', Nameservers });
    await restoreAll(connector, context, acme, identities);
    expect(first?.Nameservers?.map(({ Name }) => Name)).toEqual([...servers].sort());
    expect(state.operations.size).toBe(2);
  });

  it('waits for the registry, and says what it refuses', async () => {
    const { state } = await start();
    seed({ state } as DomainsStandIn);
    const { context, all } = await captured(Date.UTC(2026, 10, 22));
    const acme = all.get('acme.example')?.captured ?? expect.fail();
    const [first] = state.domains;
    Object.assign(first ?? {}, { Nameservers: [{ Name: 'ns.thief.example' }] });
    Object.assign(state, { slow: 3, fails: 'the registry says no' });
    const [write] = (await connector.live?.plan(context, acme)) ?? [];
    const applying = connector.live?.apply(context, write ?? expect.fail(), acme);
    await expect(applying).rejects.toMatchObject({ code: 'item.invalid' });
    await expect(applying).rejects.toThrow(/the registry says no/);
    state.fails = undefined;
    expect((await connector.live?.apply(context, write ?? expect.fail(), acme))?.result).toBe('done');
  });
});
