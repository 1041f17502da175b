import type { Lightsail } from '@aws-sdk/client-lightsail';
import type { DocumentService } from '../documents/contract.ts';
import { alarms } from './alarms.ts';
import { keepPoints } from '../points/index.ts';
import { optionsWithPoints, type OptionsWithPoints } from '../points/options.ts';
import { captureCalls, lightsailClient, pointCalls, restoreCalls } from './calls.ts';
import { contactMethods } from './contact-methods.ts';
import { containerServices } from './containers.ts';
import { databases } from './databases.ts';
import { disks } from './disks.ts';
import { domains } from './domains.ts';
import { firewalls } from './firewalls.ts';
import { instances } from './instances.ts';
import { buckets, certificates, distributions, keyPairs, loadBalancers } from './plain-kinds.ts';
import { lightsailPoints } from './points.ts';
import { staticIps } from './static-ips.ts';

export const lightsail: DocumentService<Lightsail, OptionsWithPoints> = {
  type: 'lightsail',
  title: 'Lightsail instances, databases, containers and what is around them',
  scope: 'regional',
  dependsOn: [],
  calls: { capture: captureCalls, restore: restoreCalls, points: pointCalls },
  options: optionsWithPoints,
  client: lightsailClient,
  kinds: [
    instances,
    firewalls,
    staticIps,
    disks,
    databases,
    loadBalancers,
    domains,
    distributions,
    certificates,
    buckets,
    containerServices,
    keyPairs,
    alarms,
    contactMethods,
  ],
  points: keepPoints(lightsailPoints),
};
