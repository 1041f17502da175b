import type { Lightsail } from '@aws-sdk/client-lightsail';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { DocumentKind, DocumentPart, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import type { OptionsWithPoints } from '../points/options.ts';
import { factsPart, found, listed, lookIn, tagFacts } from './listing.ts';
import { pointsIfAllowed, recoveryNote, recoveryPart, type Points, type KnownSnapshot } from './recovery-points.ts';

/** What passes by itself: versions that wait, and the time up to which it can be restored. */
const apart = [
  'latestRestorableTime',
  'pendingModifiedValues',
  'pendingMaintenanceActions',
  'parameterApplyStatus',
  'secondaryAvailabilityZone',
];

async function* list(scene: Scene<Lightsail>): AsyncGenerator<Found> {
  const points = await pointsIfAllowed(() => databasePoints(scene));
  const all = pages(
    (pageToken) => required(scene.client.getRelationalDatabases({ pageToken }), 'GetRelationalDatabases', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { relationalDatabases = [] } of all)
    for (const one of relationalDatabases) {
      const more = points ? { points: points[one.name ?? ''] ?? [] } : {};
      yield found(one, { ...listed(one, ...apart), ...more });
    }
}

async function databasePoints({ client }: Scene<Lightsail>): Promise<Points> {
  const points: Record<string, KnownSnapshot[]> = {};
  const all = pages(
    (pageToken) =>
      required(client.getRelationalDatabaseSnapshots({ pageToken }), 'GetRelationalDatabaseSnapshots', 'lightsail'),
    ({ nextPageToken }) => nextPageToken,
  );
  for await (const { relationalDatabaseSnapshots = [] } of all)
    for (const { name = '', createdAt, sizeInGb, fromRelationalDatabaseName, state } of relationalDatabaseSnapshots)
      if (state === 'available')
        (points[fromRelationalDatabaseName ?? ''] ??= []).push({
          name,
          kind: 'manual',
          at: createdAt?.toISOString() ?? '',
          ...(sizeInGb === undefined ? {} : { sizeInGb }),
        });
  return points;
}

/** Those with a value that somebody can change, by name. */
const parameters: DocumentPart<Lightsail> = {
  file: 'parameters.json',
  async read({ client }, { name, resource }) {
    const values: Record<string, Json> = {};
    const all = pages(
      (pageToken) =>
        required(
          client.getRelationalDatabaseParameters({ relationalDatabaseName: name, pageToken }),
          'GetRelationalDatabaseParameters',
          resource,
        ),
      ({ nextPageToken }) => nextPageToken,
    );
    for await (const page of all)
      for (const { parameterName = '', parameterValue, isModifiable, applyMethod = '' } of page.parameters ?? [])
        if (isModifiable && parameterValue !== undefined)
          values[parameterName] = { value: parameterValue, applyMethod };
    return Object.keys(values).length === 0 ? undefined : values;
  },
};

export const databases: DocumentKind<Lightsail, OptionsWithPoints> = {
  kind: 'databases',
  list,
  parts: [
    factsPart('database.json', lookIn(list)),
    tagFacts(lookIn(list)),
    parameters,
    recoveryPart(databasePoints, { automatic: false }),
  ],
  directoryOnly: 'a database is created from one of its snapshots, which recovery-points.json names, by hand',
  notes: (documents, _address, options) => [
    recoveryNote(documents, 'CreateRelationalDatabaseFromSnapshot', 'contents of the database', {
      options,
      isLive: false,
    }),
    {
      class: 'needs-human',
      what: 'master password',
      why: 'Holdfast does not read it.',
      action: 'Keep it where it is found without this account; or set another one (UpdateRelationalDatabase).',
    },
    {
      class: 'new-identity',
      what: 'endpoint',
      why: 'A database that is created again has another address.',
      action: 'Let programs have the address from a setting.',
    },
  ],
};
