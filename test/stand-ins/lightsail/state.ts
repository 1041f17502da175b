import type {
  Alarm,
  AutoSnapshotDetails,
  Bucket,
  Bundle,
  CertificateSummary,
  ContactMethod,
  ContainerImage,
  ContainerService,
  Disk,
  DiskSnapshot,
  Domain,
  Instance,
  InstancePortState,
  InstanceSnapshot,
  KeyPair,
  LightsailDistribution,
  LoadBalancer,
  LoadBalancerTlsCertificate,
  RelationalDatabase,
  RelationalDatabaseParameter,
  RelationalDatabaseSnapshot,
  StaticIp,
} from '@aws-sdk/client-lightsail';

/** What one region has, in the shapes of the SDK. */
export interface Region {
  readonly instances: Instance[];
  readonly instanceSnapshots: InstanceSnapshot[];
  readonly staticIps: StaticIp[];
  readonly disks: Disk[];
  readonly diskSnapshots: DiskSnapshot[];
  readonly relationalDatabases: RelationalDatabase[];
  readonly relationalDatabaseSnapshots: RelationalDatabaseSnapshot[];
  readonly loadBalancers: LoadBalancer[];
  readonly domains: Domain[];
  readonly distributions: LightsailDistribution[];
  readonly certificates: CertificateSummary[];
  readonly buckets: Bucket[];
  readonly bundles: Bundle[];
  /** Open ones; none: `a` and `b` of the region. */
  readonly zones: string[];
  readonly containerServices: ContainerService[];
  readonly keyPairs: KeyPair[];
  readonly alarms: Alarm[];
  readonly contactMethods: ContactMethod[];
  /** By the name of what they belong to. */
  readonly ports: Map<string, InstancePortState[]>;
  readonly autoSnapshots: Map<string, AutoSnapshotDetails[]>;
  readonly parameters: Map<string, RelationalDatabaseParameter[]>;
  readonly tlsCertificates: Map<string, LoadBalancerTlsCertificate[]>;
  readonly images: Map<string, ContainerImage[]>;
}

export interface State {
  readonly regions: Map<string, Region>;
  /** Operations that are answered with AccessDeniedException. */
  readonly denied: Set<string>;
  /** How often a new instance or disk must be looked at before it is there. */
  slow: number;
  /** How often a copy of a snapshot must be looked for before it is seen. */
  lag: number;
  count: number;
}

export function emptyState(): State {
  return { regions: new Map(), denied: new Set(), slow: 1, lag: 0, count: 0 };
}

export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function regionOf({ regions }: State, name: string): Region {
  const known = regions.get(name);
  if (known) return known;
  const made: Region = {
    instances: [],
    instanceSnapshots: [],
    staticIps: [],
    disks: [],
    diskSnapshots: [],
    relationalDatabases: [],
    relationalDatabaseSnapshots: [],
    loadBalancers: [],
    domains: [],
    distributions: [],
    certificates: [],
    buckets: [],
    bundles: [],
    zones: [],
    containerServices: [],
    keyPairs: [],
    alarms: [],
    contactMethods: [],
    ports: new Map(),
    autoSnapshots: new Map(),
    parameters: new Map(),
    tlsCertificates: new Map(),
    images: new Map(),
  };
  regions.set(name, made);
  return made;
}
