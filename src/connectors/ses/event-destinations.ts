import type { EventDestinationDefinition } from '@aws-sdk/client-sesv2';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import { facts } from '../documents/facts.ts';
import type { SesPart } from './shapes.ts';

interface Named {
  readonly Name: string;
}

const byName = (document: Json | undefined): ReadonlyMap<string, Named> =>
  new Map(((document ?? []) as unknown as readonly Named[]).map((one) => [one.Name, one]));

/** Topics, streams, metrics and buses that are told what became of mails: written once those are there. */
export const eventDestinations: SesPart = {
  file: 'event-destinations.json',
  phase: 'settle',
  async read({ client }, { name, resource }) {
    const reading = client.v2.getConfigurationSetEventDestinations({ ConfigurationSetName: name });
    const { EventDestinations = [] } = await required(reading, 'GetConfigurationSetEventDestinations', resource);
    const found = [...EventDestinations]
      .sort((a, b) => ((a.Name ?? '') < (b.Name ?? '') ? -1 : 1))
      .map((one) => facts(one));
    return found.length === 0 ? undefined : found;
  },
  async write({ client: { v2 } }, { name, resource }, wanted, live) {
    const there = byName(live);
    const to = byName(wanted);
    for (const [EventDestinationName, { Name: _, ...definition }] of to) {
      const before = there.get(EventDestinationName);
      const EventDestination: EventDestinationDefinition = definition;
      const input = { ConfigurationSetName: name, EventDestinationName, EventDestination };
      if (!before)
        await required(
          v2.createConfigurationSetEventDestination(input),
          'CreateConfigurationSetEventDestination',
          resource,
        );
      else if (canonicalJson({ ...before }) !== canonicalJson({ Name: EventDestinationName, ...definition }))
        await required(
          v2.updateConfigurationSetEventDestination(input),
          'UpdateConfigurationSetEventDestination',
          resource,
        );
    }
    for (const EventDestinationName of there.keys()) {
      if (to.has(EventDestinationName)) continue;
      const removing = v2.deleteConfigurationSetEventDestination({ ConfigurationSetName: name, EventDestinationName });
      await required(removing, 'DeleteConfigurationSetEventDestination', resource);
    }
  },
};
