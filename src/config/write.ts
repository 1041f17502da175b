import { stringify } from 'yaml';

/** What init found, to be written down as a commented holdfast.yaml. */
export interface FoundEstate {
  readonly estate: string;
  readonly repository: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly id: string;
    readonly role?: string;
    readonly regions: readonly string[];
  }[];
  readonly sources: readonly FoundSource[];
  /** Folders to protect. */
  readonly folders: readonly { readonly name: string; readonly path: string }[];
}

interface FoundSource {
  readonly type: string;
  readonly title: string;
  /** Names of the resources; the count is what the comment says. */
  readonly resources: readonly string[];
  /** Why listing failed; the source is then written as a comment. */
  readonly error?: string;
}

/** The text of a commented holdfast.yaml that loads and protects all that was found. */
export function renderConfig(found: FoundEstate): string {
  return [
    '# yaml-language-server: $schema=./holdfast.schema.json',
    '# What Holdfast protects, and where it keeps it. `holdfast discover` shows what this file covers.',
    'version: 1',
    `estate: ${quote(plainName(found.estate))}`,
    '',
    '# A folder, s3://bucket/prefix, or s3+http://127.0.0.1:9000/bucket/prefix for any S3-compatible store.',
    `repository: ${quote(found.repository)}`,
    '',
    ...renderAccounts(found),
    ...renderSites(found),
    ...renderSources(found),
  ].join('\n');
}

function renderAccounts({ accounts }: FoundEstate): string[] {
  if (accounts.length === 0) return [];
  return [
    '# Regions are searched in this order; the first is the home region: its resources keep their bare names.',
    '# With `role`, Holdfast assumes that role; `holdfast doctor --policy` prints the permissions it needs.',
    'aws:',
    '  accounts:',
    ...accounts.flatMap((account) => [
      `    - name: ${quote(account.name)}`,
      `      id: ${JSON.stringify(account.id)}`,
      account.role === undefined
        ? `      # role: arn:aws:iam::${account.id}:role/HoldfastCapture`
        : `      role: ${quote(account.role)}`,
      `      regions: [${account.regions.join(', ')}]`,
    ]),
    '',
  ];
}

function renderSites(found: FoundEstate): string[] {
  const sites = guessSites(found.sources.flatMap((source) => source.resources));
  const comment = [
    '# Sites group resources by name, so that one can be reported and restored by itself; what matches no environment',
    '# is production.',
  ];
  if (sites.length === 0) {
    return [...comment, '# sites:', '#   shop: { match: ["shop*"], environments: { staging: "*-staging*" } }', ''];
  }
  return [
    ...comment,
    'sites:',
    ...sites.map(({ name, count }) => {
      const environments = 'environments: { staging: "*-staging*" }';
      return `  ${quote(name)}: { match: ["${name}", "${name}[-._]*"], ${environments} } # ${count} resources`;
    }),
    '',
  ];
}

function renderSources(found: FoundEstate): string[] {
  const failed = found.sources.filter((source) => source.error !== undefined);
  const present = found.sources.filter((source) => source.error === undefined && source.resources.length > 0);
  const empty = found.sources.filter((source) => source.error === undefined && source.resources.length === 0);
  const lines = [
    ...present.map((source) => `  - ${source.type} # ${source.title}: ${source.resources.length} found`),
    ...found.folders.map(
      (folder) => `  - { type: local, name: ${quote(plainName(folder.name))}, path: ${quote(folder.path)} }`,
    ),
    ...empty.map((source) => `  # - ${source.type} # ${source.title}: none found`),
    ...failed.map((source) => `  # - ${source.type} # ${source.title}: ${oneLine(source.error ?? '')}`),
  ];
  return [
    '# What is captured. To narrow a source down: { s3-buckets: { include: ["*-prod"], exclude: ["*-logs"] } }',
    '# Secrets are referred to and never written here: "${NAME}" from the environment, "file:path" from a file.',
    present.length + found.folders.length > 0 ? 'sources:' : 'sources: []',
    ...lines,
    ...(found.folders.length > 0
      ? []
      : ['  # - { type: local, name: tools, path: ./tools, exclude: ["**/node_modules"] }']),
    '',
  ];
}

/** At least this many resources that share a first word, of at least this share of all, are taken for a site. */
const fewestOfSite = 3;
const leastShare = 0.03;

/** The first words (up to `-`, `.` or `_`) that enough resource names share. */
export function guessSites(names: readonly string[]): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const word = /^([a-z][a-z0-9]{2,})[-._]/i.exec(name)?.[1];
    if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .filter(
      ([word, count]) =>
        count >= fewestOfSite && count >= names.length * leastShare && !generic.has(word.toLowerCase()),
    )
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** First words that say what a thing is, not whose it is. */
const generic = new Set([
  'aws',
  'amazon',
  'cdk',
  'www',
  'api',
  'prod',
  'production',
  'staging',
  'dev',
  'test',
  'lambda',
  'layer',
  'role',
  'policy',
  'user',
  'group',
  'cf',
]);

/** A folder's name may hold what a name in the configuration may not. */
function plainName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return plain === '' ? 'estate' : plain.slice(0, 63);
}

function quote(text: string): string {
  return stringify(text).trimEnd();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 160);
}
