import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLoading, head } from '../../test/config/loading.ts';
import type { HoldfastError } from '../kernel/errors.ts';
import { loadConfig } from './load.ts';

const loading = createLoading();
const { failure } = loading;

describe('mistakes', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['an unknown key', `${head}sourcse: []\n`, ['4:1 sourcse: unknown key; did you mean sources?']],
    ['a key nobody could mean', `${head}zzzzzz: 1\n`, ['4:1 zzzzzz: unknown key']],
    [
      'a key deep down',
      `${head}plans:\n  daily:\n    keep:\n      wekly: 5\n`,
      ['7:7 plans.daily.keep.wekly: unknown key; did you mean weekly?'],
    ],
    [
      'rules that say nothing, or nothing that can be read',
      `${head}plans:\n  a: { keep: { daily: 0 } }\n  b: { keep: { within: 30 days } }\n  c: { keep: { dayly: 1, time-zone: Berlin } }\n  d: { keep: { last: 1.5, daily: -1, weekly: x } }\n`,
      [
        '5:14 plans.a.keep: would keep nothing: say at least one of daily, within, …',
        '6:24 plans.b.keep.within: not a length of time: write 30d, 1y6m, 12h',
        '7:16 plans.c.keep.dayly: unknown key; did you mean daily?',
        '7:37 plans.c.keep.time-zone: not a time zone: write Europe/Berlin, UTC',
        '8:22 plans.d.keep.last: expected a whole number',
        '8:34 plans.d.keep.daily: expected a number from 0 on',
        '8:46 plans.d.keep.weekly: expected a number, found text',
      ],
    ],
    [
      'shares that are none, and thresholds nobody knows',
      `${head}alarms: { removed: 50, least-bytes: 1.5, shrnk: 0.5 }\n`,
      [
        '4:20 alarms.removed: expected a share from 0 to 1',
        '4:37 alarms.least-bytes: expected a whole number',
        '4:42 alarms.shrnk: unknown key; did you mean shrunk?',
      ],
    ],
    [
      'tenants of a source that is not there',
      `${head}sources:\n  - s3-buckets\ntenants: { key: org, sources: { s3-bucket: {}, cache: {} } }\n`,
      [
        '6:33 tenants.sources.s3-bucket: no source has this name; did you mean s3-buckets?',
        '6:48 tenants.sources.cache: no source has this name',
      ],
    ],
    ['a missing key', 'version: 1\nestate: acme\n', ['1:1 repository: missing']],
    ['another version', 'version: 2\nestate: acme\nrepository: ./v\n', ['1:10 version: this Holdfast reads version 1']],
    [
      'a class of storage nobody has',
      'version: 1\nestate: acme\nrepository:\n  address: ./v\n  storage-class: { data: GLACIR }\n  storage-clas: 1\n',
      [
        '5:26 repository.storage-class.data: expected one of STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE; did you mean GLACIER?',
        '6:3 repository.storage-clas: unknown key; did you mean storage-class?',
      ],
    ],
    [
      'a list for the repository',
      'version: 1\nestate: acme\nrepository: [a]\n',
      ['3:13 repository: expected an address or a map with one'],
    ],
    ['a list for text', 'version: 1\nestate: [acme]\nrepository: ./v\n', ['2:9 estate: expected text, found a list']],
    ['nothing for text', 'version: 1\nestate:\nrepository: ./v\n', ['2:1 estate: expected text, found nothing']],
    [
      'a bad name',
      'version: 1\nestate: "a b"\nrepository: ./v\n',
      ['2:9 estate: use letters, digits, dots, dashes and underscores, at most 63'],
    ],
    [
      'an account id without quotes',
      `${head}aws:\n  accounts:\n    - { name: prod, id: 123456789012, regions: [us-east-1] }\n`,
      ['6:25 aws.accounts[0].id: expected text, found a number (put text that looks like one in quotes)'],
    ],
    [
      'a bad region and a bad role',
      `${head}aws:\n  accounts:\n    - name: prod\n      role: HoldfastCapture\n      regions: [useast1]\n`,
      [
        '7:13 aws.accounts[0].role: expected the ARN of a role: arn:aws:iam::123456789012:role/Name',
        '8:17 aws.accounts[0].regions[0]: expected a region such as us-east-1',
      ],
    ],
    [
      'two accounts of one name',
      `${head}aws:\n  accounts:\n    - { name: prod }\n    - { name: prod }\n`,
      ['7:15 aws.accounts[1].name: another account is named prod'],
    ],
    ['sites as a list', `${head}sites: [a]\n`, ['4:8 sites: expected a map of keys, found a list']],
    [
      'a pattern that is none',
      `${head}sites:\n  a: { match: ["[x"] }\n`,
      ['5:16 sites.a.match[0]: not a name pattern: a bracket or brace is never closed'],
    ],
    [
      'an unknown type',
      `${head}sources:\n  - lambda-function\n`,
      ['5:5 sources[0]: unknown source type lambda-function; did you mean lambda-functions?'],
    ],
    [
      'a type nobody has',
      `${head}sources:\n  - { type: xyzzyx }\n`,
      ['5:13 sources[0].type: unknown source type xyzzyx; known are lambda-functions, local, postgres, s3-buckets'],
    ],
    [
      'a number for a source',
      `${head}sources: [7]\n`,
      ['4:11 sources[0]: expected a type (lambda-functions), or a map (s3-buckets: { … }; type: local)'],
    ],
    [
      'two types in one source',
      `${head}sources:\n  - s3-buckets:\n    lambda-functions:\n`,
      ['5:5 sources[0]: a source has a key type, or is one type with its options under it (s3-buckets: { … })'],
    ],
    ['sources as a map', `${head}sources:\n  s3-buckets: {}\n`, ['5:3 sources: expected a list, found a map of keys']],
    [
      'an unknown option',
      `${head}sources:\n  - s3-buckets:\n      verions: all\n`,
      ['6:7 sources[0].s3-buckets.verions: unknown key; did you mean versions?'],
    ],
    [
      'a misspelt common key',
      `${head}sources:\n  - lambda-functions: { includ: "a*" }\n`,
      ['5:25 sources[0].lambda-functions.includ: unknown key; did you mean include?'],
    ],
    [
      'an option with a wrong value',
      `${head}sources:\n  - s3-buckets: { versions: al }\n`,
      ['5:29 sources[0].s3-buckets.versions: expected one of all, current; did you mean all?'],
    ],
    ['a missing option', `${head}sources:\n  - { type: local, name: x }\n`, ['5:5 sources[0].path: missing']],
    [
      'two sources of one name',
      `${head}sources:\n  - s3-buckets\n  - s3-buckets: { include: "a*" }\n`,
      ['6:5 sources[1]: another source is named s3-buckets; give this one a name of its own'],
    ],
    ['a list as a file', '- a\n', ['1:1 expected a map of keys, found a list']],
    ['an empty file', '', ['1:1 expected a map of keys, found nothing']],
    ['a key twice', `${head}estate: other\n`, ['4:1 Map keys must be unique']],
    ['YAML that is none', 'version: [1\nestate: acme\n', ['2:1 ']],
    ['an alias to nothing', `${head}sources: *nowhere\n`, ['1:1 Unresolved alias']],
    [
      'a reference that is none',
      `${head}sources:\n  - { type: postgres, url: "\${A B}" }\n`,
      ['5:28 sources[0].url: not a reference: write ${NAME}, or $${ for a plain ${'],
    ],
    [
      'a secret store of a later version',
      `${head}sources:\n  - { type: postgres, url: "ssm:/app/db" }\n`,
      ['5:28 sources[0].url: this version does not read ssm: references; use ${NAME} or file:'],
    ],
    [
      'several at once, in the order of the file',
      'verison: 1\nestate: acme\nrepository: 7\nsources:\n  - s3-buckets: { versions: x, zzzzz: 1 }\n',
      [
        '1:1 version: missing',
        '1:1 verison: unknown key; did you mean version?',
        '3:13 repository: expected an address or a map with one',
        '5:29 sources[0].s3-buckets.versions: expected one of all, current',
        '5:32 sources[0].s3-buckets.zzzzz: unknown key',
      ],
    ],
  ])('%s', async (_, text, expected) => {
    const error = await failure(text);
    expect(error.code).toBe('config.invalid');
    expect(error.row.exit).toBe(2);
    const lines = error.message.split('\n');
    expect(lines).toHaveLength(expected.length);
    for (const [i, line] of lines.entries()) expect(line).toContain(`holdfast.yaml:${expected[i]}`);
  });

  it('a file that is not there', async () => {
    const error = (await loadConfig(join(loading.folder, 'none.yaml'), { env: {} }).catch(
      (e: unknown) => e,
    )) as HoldfastError;
    expect(error.code).toBe('config.unreadable');
    expect(error.hint).toContain('holdfast init');
  });

  it('a file that is not text', async () => {
    const file = join(loading.folder, 'holdfast.yaml');
    await writeFile(file, Uint8Array.of(0x76, 0xff, 0xfe));
    const error = (await loadConfig(file, { env: {} }).catch((e: unknown) => e)) as HoldfastError;
    expect(error.code).toBe('config.unreadable');
  });

  it('a folder instead of a file', async () => {
    const error = (await loadConfig(loading.folder, { env: {} }).catch((e: unknown) => e)) as HoldfastError;
    expect(error.code).toBe('config.unreadable');
  });
});
