import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLoading, head } from '../../test/config/loading.ts';

const loading = createLoading();
const { load, failure } = loading;
const sources = 'sources:\n  - { type: local, name: a, path: ./a }\n  - { type: local, name: b, path: ./b }\n';
const plain = { timeout: 10_000, maxHold: 30_000, required: true, until: 'begun' };

describe('barriers', () => {
  it('are of three kinds, with times, and with references of which the values are known', async () => {
    const text = `${head}${sources}barriers:
  programs: { sources: [a, b], command: { hold: [./h, "--now"], release: [./r], env: { TOKEN: "\${TOKEN}" } }, timeout: 5s }
  program: { sources: [a], command: { run: [./h], held: HELD }, max-hold: 2m, required: false, until: captured }
  service:
    sources: [a]
    http:
      hold: { url: "https://app.example.com/pause", headers: { authorization: "file:./token" } }
      release: { url: "http://127.0.0.1:8080/pause", method: DELETE, body: x }
  one: { sources: [a], postgres: { url: "\${DATABASE_URL}", advisory-lock: 7 } }
  two:
    sources: [a]
    postgres:
      - { url: "postgres://u@h/x", lock-tables: [public.t], mode: exclusive }
      - { url: "postgres://u@h/y", statements: ["select 1"] }
`;
    await writeFile(join(loading.folder, 'token'), 'Bearer t1\n');
    const env = { TOKEN: 't0', DATABASE_URL: 'postgres://u:p@h/db', PATH: '/bin', HOLDFAST_PASSPHRASE: 'no' };
    const { barriers } = await load(text, env);
    const secrets = expect.arrayContaining(['t0', 'Bearer t1', 'postgres://u:p@h/db']) as string[];
    const common = { ...plain, secrets };
    expect(barriers).toEqual({
      programs: {
        name: 'programs',
        sources: ['a', 'b'],
        how: { kind: 'command', hold: ['./h', '--now'], release: ['./r'], env: { PATH: '/bin', TOKEN: 't0' } },
        ...common,
        timeout: 5000,
      },
      program: {
        name: 'program',
        sources: ['a'],
        how: { kind: 'process', run: ['./h'], held: 'HELD', env: { PATH: '/bin' } },
        ...common,
        maxHold: 120_000,
        required: false,
        until: 'captured',
      },
      service: {
        name: 'service',
        sources: ['a'],
        how: {
          kind: 'http',
          hold: { url: 'https://app.example.com/pause', method: 'POST', headers: { authorization: 'Bearer t1' } },
          release: { url: 'http://127.0.0.1:8080/pause', method: 'DELETE', headers: {}, body: 'x' },
        },
        ...common,
      },
      one: {
        name: 'one',
        sources: ['a'],
        how: {
          kind: 'postgres',
          databases: [{ url: 'postgres://u:p@h/db', advisoryLock: 7, tables: [], mode: 'share', statements: [] }],
        },
        ...common,
      },
      two: {
        name: 'two',
        sources: ['a'],
        how: {
          kind: 'postgres',
          databases: [
            { url: 'postgres://u@h/x', tables: ['public.t'], mode: 'exclusive', statements: [] },
            { url: 'postgres://u@h/y', tables: [], mode: 'share', statements: ['select 1'] },
          ],
        },
        ...common,
      },
    });
  });

  it.each<readonly [string, string]>([
    ['sources: [c], command: { run: [x] }', '8:18 barriers.x.sources[0]: no source has this name'],
    ['sources: [a]', '8:6 barriers.x: say how it is held: exactly one of command, http, postgres'],
    [
      'sources: [a], command: { run: [x] }, postgres: { url: "postgres://h/d", advisory-lock: 1 }',
      '8:6 barriers.x: say how it is held: exactly one of command, http, postgres',
    ],
    ['sources: [a], command: { run: ./x -v }', 'barriers.x.command'],
    ['sources: [a], command: { run: [x] }, max-hold: 1h', 'barriers.x.max-hold: write 500ms, 30s, 2m; at most 10m'],
    ['sources: [a], comand: { run: [x] }', 'barriers.x.comand: unknown key; did you mean command?'],
    [
      'sources: [a], http: { hold: { url: "http://app.example.com/" }, release: { url: "https://h/" } }',
      'barriers.x.http.hold.url: expected https://…; http:// only for this machine',
    ],
    ['sources: [a], postgres: { url: "postgres://h/d" }', 'barriers.x.postgres: would hold nothing'],
    [
      'sources: [a], postgres: { url: "mysql://h/d", advisory-lock: 1 }',
      'barriers.x.postgres.url: expected postgres://',
    ],
    ['sources: [a], postgres: { url: "postgres://h/d", lock-tables: [t] }', 'lock-tables[0]: expected schema.table'],
  ])('with %s are told', async (barrier, expected) => {
    const error = await failure(`${head}${sources}barriers:\n  x: { ${barrier} }\n`);
    expect(error.code).toBe('config.invalid');
    expect(error.message).toContain(expected);
  });

  it('with a variable that is not set are told as that', async () => {
    const error = await failure(
      `${head}${sources}barriers:\n  x: { sources: [a], postgres: { url: "\${DATABASE_URL}", advisory-lock: 1 } }\n`,
    );
    expect([error.code, error.message]).toEqual(['config.secret-missing', expect.stringContaining('DATABASE_URL')]);
  });
});
