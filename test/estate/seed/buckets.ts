import { environmentsOf, homeRegion, otherRegion, shared, type EstateSize, type SiteEnvironment } from '../sites.ts';

export type BucketPurpose =
  | 'web'
  | 'assets'
  | 'uploads'
  | 'media'
  | 'archive'
  | 'logs'
  | 'exports'
  | 'artifacts'
  | 'audit'
  | 'trail';

export interface BucketSpec {
  readonly name: string;
  readonly purpose: BucketPurpose;
  readonly region: string;
  readonly versioned: boolean;
  readonly site?: SiteEnvironment;
  /** How many plain objects it gets. */
  readonly objects: number;
}

const purposes: readonly { purpose: BucketPurpose; versioned: boolean; objects: number }[] = [
  { purpose: 'web', versioned: false, objects: 60 },
  { purpose: 'assets', versioned: false, objects: 90 },
  { purpose: 'uploads', versioned: true, objects: 60 },
  { purpose: 'media', versioned: false, objects: 12 },
  { purpose: 'archive', versioned: false, objects: 16 },
  { purpose: 'logs', versioned: false, objects: 120 },
  { purpose: 'exports', versioned: true, objects: 20 },
];

/** Seven buckets per site and environment and three shared ones: 45, two of them in another region. */
export function bucketsOf(size: EstateSize): readonly BucketSpec[] {
  const share = size === 'full' ? 1 : 0.1;
  const ofSites = environmentsOf(size).flatMap((site) =>
    purposes.map(({ purpose, versioned, objects }) => ({
      name: site.named(purpose),
      purpose,
      versioned,
      site,
      region:
        purpose === 'archive' && site.environment === 'prod' && site.site.name !== 'lanternpress'
          ? otherRegion
          : homeRegion,
      objects: Math.ceil(objects * share * (site.environment === 'prod' ? 1 : 0.5)),
    })),
  );
  const sharedOnes = [
    { purpose: 'artifacts', versioned: true },
    { purpose: 'audit', versioned: true },
    { purpose: 'trail', versioned: false },
  ] as const;
  return [
    ...ofSites,
    ...sharedOnes.map(({ purpose, versioned }) => ({
      name: shared(purpose),
      purpose,
      versioned,
      region: homeRegion,
      objects: Math.ceil(30 * share),
    })),
  ];
}
