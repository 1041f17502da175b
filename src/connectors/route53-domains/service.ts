import type { Route53Domains } from '@aws-sdk/client-route-53-domains';
import { z } from 'zod';
import type { DocumentService } from '../documents/contract.ts';
import { captureCalls, domainsClient, restoreCalls } from './calls.ts';
import { delegation } from './delegation.ts';
import { findDomain, listDomains, notRegistered } from './domains.ts';
import { notes } from './ledger.ts';
import { contacts, dnssec, domain, nameServers, settings, tags } from './parts.ts';

export const route53Domains: DocumentService<Route53Domains, Record<string, never>> = {
  type: 'route53-domains',
  title: 'Domains registered with Route 53',
  scope: 'global',
  // A domain leads to its zone, which may have other name servers then.
  dependsOn: ['route53'],
  calls: { capture: captureCalls, restore: restoreCalls },
  options: z.strictObject({}),
  client: domainsClient,
  kinds: [
    {
      kind: '',
      list: listDomains,
      parts: [domain, nameServers, delegation, settings, dnssec, contacts, tags],
      live: {
        find: findDomain,
        foresee: (_scene, name) => notRegistered(name),
        create: (_scene, name) => notRegistered(name),
      },
      notes,
    },
  ],
};
