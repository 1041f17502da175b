import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLoading, head } from '../../test/config/loading.ts';

const loading = createLoading();
const { load, failure } = loading;

describe('a whole file', () => {
  const text = `# yaml-language-server: $schema=./holdfast.schema.json
version: 1
estate: acme
repository: s3://acme-vault/holdfast
aws:
  accounts:
    - { name: prod, id: "123456789012", role: arn:aws:iam::123456789012:role/HoldfastCapture, regions: [us-east-1, us-west-2] }
sites:
  queenofsandiego: { match: ["queenofsandiego*"], environments: { staging: "*-staging*" } }
  one: { match: one-* }
sources:
  - s3-buckets: { include: ["*-prod"], exclude: "*-logs", versions: all }
  - lambda-functions
  - { type: local, name: tools, path: ./tools, exclude: ["**/node_modules"] }
  - { type: postgres, name: app, url: "\${DATABASE_URL}" }
tenants:
  key: tenant_id
  sources: { app: { tables: { orders: org_id } } }
plans:
  daily: { schedule: "cron(0 2 * * ? *)", select: ["*"], keep: { last: 3, daily: 7 }, copies: [dr] }
objectives:
  booking: { tier: standard, rto: 1h, rpo: 5m, sites: [queenofsandiego] }
notify:
  - { sns: "\${NOT_SET_YET}", on: [failure] }
`;

  it('loads with every notation, and says what is not used', async () => {
    const config = await load(text, { DATABASE_URL: 'postgres://u:p@h/db' });
    expect(config).toEqual({
      version: 1,
      estate: 'acme',
      repository: 's3://acme-vault/holdfast',
      writing: {},
      file: join(loading.folder, 'holdfast.yaml'),
      folder: loading.folder,
      accounts: [
        {
          name: 'prod',
          id: '123456789012',
          role: 'arn:aws:iam::123456789012:role/HoldfastCapture',
          regions: ['us-east-1', 'us-west-2'],
        },
      ],
      sites: {
        queenofsandiego: { match: ['queenofsandiego*'], environments: { staging: '*-staging*' } },
        one: { match: ['one-*'], environments: {} },
      },
      sources: [
        {
          type: 's3-buckets',
          name: 's3-buckets',
          include: ['*-prod'],
          exclude: ['*-logs'],
          options: { versions: 'all' },
          at: '12:5',
        },
        { type: 'lambda-functions', name: 'lambda-functions', include: [], exclude: [], options: {}, at: '13:5' },
        {
          type: 'local',
          name: 'tools',
          include: [],
          exclude: [],
          options: { path: join(loading.folder, 'tools'), name: 'tools', exclude: ['**/node_modules'] },
          at: '14:13',
        },
        {
          type: 'postgres',
          name: 'app',
          include: [],
          exclude: [],
          options: { name: 'app', url: 'postgres://u:p@h/db' },
          at: '15:13',
        },
      ],
      plans: { daily: { select: ['*'], keep: { count: { last: 3, daily: 7 }, within: {}, tags: [] } } },
      tenants: { key: 'tenant_id', sources: { app: { tables: { orders: 'org_id' } } } },
      unused: ['plans.daily.schedule', 'plans.daily.copies', 'objectives', 'notify'],
    });
  });

  it('takes the region of the environment where no account is written', async () => {
    const config = await load(head, { AWS_REGION: 'eu-west-1' });
    expect(config.accounts).toEqual([{ name: 'default', regions: ['eu-west-1'] }]);
    expect(config.repository).toBe(join(loading.folder, 'vault'));
    expect(config.sources).toEqual([]);
  });

  it.each(['s3:/acme-vault', 's3:acme-vault', 'S3://acme-vault', '~/vault'])(
    'leaves the address %s for the store to refuse, and makes no folder of it',
    async (written) => {
      const config = await load(`version: 1\nestate: acme\nrepository: ${written}\n`);
      expect(config.repository).toBe(written);
    },
  );

  it('takes the repository as a map with the class of its data', async () => {
    const map = (inner: string): string => `version: 1\nestate: acme\nrepository: { ${inner} }\n`;
    const config = await load(map('address: "s3://b/p", storage-class: { data: GLACIER }'));
    expect([config.repository, config.writing]).toEqual(['s3://b/p', { dataClass: 'GLACIER' }]);
    expect((await load(map('address: ./v, parity: { data: 16, parity: 2 }'))).writing).toEqual({
      parity: { data: 16, parity: 2 },
    });
    expect(await load(map('address: ./v'))).toMatchObject({ repository: join(loading.folder, 'v'), writing: {} });
  });

  it('reads what plans keep, in every notation', async () => {
    const keep = 'within: 30d, within-daily: 1y6m, weekly: 0, tags: [release, "env=prod"], time-zone: Europe/Berlin';
    const { plans, unused } = await load(`${head}plans:\n  a: { select: s3-buckets, keep: { ${keep} } }\n  b: {}\n`);
    const none = { years: 0, months: 0, weeks: 0, days: 0, hours: 0 };
    expect(plans).toEqual({
      a: {
        select: ['s3-buckets'],
        keep: {
          count: { weekly: 0 },
          within: { last: { ...none, days: 30 }, daily: { ...none, years: 1, months: 6 } },
          tags: [{ name: 'release' }, { name: 'env', value: 'prod' }],
          timeZone: 'Europe/Berlin',
        },
      },
      b: { select: ['*'] },
    });
    expect(unused).toEqual([]);
  });

  it('takes a lock, unless a plan keeps for longer and nobody extends it', async () => {
    const map = (inner: string, rest = ''): string =>
      `version: 1\nestate: acme\nrepository: { address: "s3://b/p", lock: { mode: compliance, ${inner} } }\n${rest}`;
    expect((await load(map('days: 35'))).writing).toEqual({ lock: { mode: 'compliance', days: 35 } });
    const plan = 'plans: { daily: { keep: { last: 3, daily: 7, monthly: 12 } } }\n';
    expect((await load(map('days: 35, ahead: 5, rolling: true', plan))).writing.lock).toMatchObject({ ahead: 5 });
    expect((await load(map('days: 372', plan))).writing.lock).toMatchObject({ days: 372 });
    await expect(load(map('days: 371', plan))).rejects.toThrow(
      'repository.lock.days: the plan daily keeps snapshots for 372 days',
    );
  });

  it('names a folder without a name after itself', async () => {
    const config = await load(`${head}sources:\n  - { type: local, path: ./my-tools }\n`);
    expect(config.sources.map((s) => s.name)).toEqual(['my-tools']);
  });
});

describe('references', () => {
  const source = (url: string): string => `${head}sources:\n  - { type: postgres, url: "${url}" }\n`;

  it('takes variables within text and keeps what is escaped', async () => {
    const config = await load(source('postgres://${U}:x@h/$${U}'), { U: 'ann' });
    expect(config.sources[0]?.options).toEqual({ name: 'postgres', url: 'postgres://ann:x@h/${U}' });
  });

  it('reads a file without its last line break', async () => {
    await writeFile(join(loading.folder, 'url.txt'), 'postgres://from-file\n');
    const config = await load(source('file:./url.txt'));
    expect(config.sources[0]?.options).toEqual({ name: 'postgres', url: 'postgres://from-file' });
  });

  it('names all that is missing at once, with its place', async () => {
    const text = `version: 1\nestate: "\${ESTATE}"\nrepository: ./v\nsources:\n  - { type: postgres, url: "\${DB}" }\n  - { type: postgres, name: b, url: file:none.txt }\n`;
    const error = await failure(text);
    expect(error.code).toBe('config.secret-missing');
    expect(error.row.exit).toBe(2);
    expect(error.message.split('\n')).toEqual([
      'holdfast.yaml:2:9 estate: the environment variable ESTATE is not set',
      'holdfast.yaml:5:28 sources[0].url: the environment variable DB is not set',
      'holdfast.yaml:6:37 sources[1].url: the file none.txt cannot be read (ENOENT)',
    ]);
  });

  it('never shows the value of a reference', async () => {
    const error = await failure(source('${SECRET}'), { SECRET: 'hunter2-not-a-url' });
    expect(error.code).toBe('config.invalid');
    expect(error.message).toContain('sources[0].url');
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2');
  });
});

describe('alarms', () => {
  it.each<readonly [string, unknown]>([
    ['', undefined],
    ['alarms: false\n', false],
    ['alarms: true\n', {}],
    ['alarms: { removed: 0.8, least-entries: 100 }\n', { removed: 0.8, leastEntries: 100 }],
  ])('%j', async (text, alarms) => {
    expect((await load(`${head}${text}`)).alarms).toEqual(alarms);
  });
});
