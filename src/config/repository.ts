import { z } from 'zod';

/** The `repository:` key of holdfast.yaml: an address, or a map with how new objects are written. */

const address = z.string().min(1, 'must not be empty');

/** Classes of S3 that data packs may be written to; all other objects stay in STANDARD. */
export const dataClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;
export type DataClass = (typeof dataClasses)[number];

const extended = z.strictObject({
  address,
  'storage-class': z.strictObject({ data: z.enum(dataClasses) }).optional(),
});

export const repositoryGrammar = z.union([address, extended], { error: 'expected an address or a map with one' });

/** How new objects of the repository are written, as the configuration says. */
export interface RepositoryConfig {
  /** Absent: STANDARD. Stores without classes ignore it. */
  readonly dataClass?: DataClass;
}

export function repositoryAddress(written: z.output<typeof repositoryGrammar>): string {
  return typeof written === 'string' ? written : written.address;
}

export function repositoryConfig(written: z.output<typeof repositoryGrammar>): RepositoryConfig {
  if (typeof written === 'string') return {};
  const dataClass = written['storage-class']?.data;
  return dataClass === undefined ? {} : { dataClass };
}
