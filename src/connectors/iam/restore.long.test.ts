import { IAM } from '@aws-sdk/client-iam';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { isItemError } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll, type ConformanceRun } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import type { RestoreMode } from '../contract.ts';
import { rewriteJson } from '../rewrite.ts';
import { damageAccount } from './damage-for-test.ts';
import { connector } from './index.ts';
import { readAccount } from './read-back-for-test.ts';
import { seed, text, trust } from './seed-for-test.ts';
import { comparablePolicy, firstTrust } from './trust.ts';
import { optional } from '../aws/classify.ts';

const region = 'us-east-1';
const account = 'arn:aws:iam::123456789012';

describeConnector('iam', async () => {
  const moto = await startMoto();
  const putBack = useEndpoints({ all: moto.endpoint });
  afterAll(async () => {
    putBack();
    await moto.stop();
  });
  const sdk = new IAM({ region });
  return {
    connector,
    options: {},
    region,
    callsPerResource: 3,
    seed: async () => void (await seed(sdk)),
    readBack: async () => await readAccount(sdk),
    damage: async () => await damageAccount(sdk),
    servedBy: 'moto',
    unverified: [
      'that IAM refuses principals it does not know: a front of ours shows it',
      'boundaries of users: moto leaves them out of its authorization details',
      'how long a change takes to be seen everywhere',
    ],
  };
});

/** Ours: in front of moto, refuses what IAM refuses and moto does not. Trust may name only roles that are there. */
async function startStrict(moto: Emulator) {
  const direct = new IAM({ region, endpoint: moto.endpoint });
  const refused: string[] = [];
  const lost: string[] = [];
  async function unknownPrincipal(form: URLSearchParams): Promise<string | undefined> {
    const document = form.get('AssumeRolePolicyDocument') ?? form.get('PolicyDocument');
    if (!/^(CreateRole|UpdateAssumeRolePolicy)$/.test(form.get('Action') ?? '')) return undefined;
    for (const [arn, name] of (document ?? '').matchAll(/arn:aws:iam::\d+:role\/[^"]*?(\w+)(?=")/g)) {
      const found = await optional(direct.getRole({ RoleName: name ?? '' }), 'GetRole', arn, 'NoSuchEntityException');
      if (!found) return arn;
    }
    return undefined;
  }
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    const form = new URLSearchParams(body);
    const action = form.get('Action') ?? '';
    const unknown = await unknownPrincipal(form);
    const fail = (status: number, code: string, message: string): void => {
      outgoing.writeHead(status, { 'content-type': 'text/xml' });
      outgoing.end(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`);
    };
    if (unknown !== undefined) {
      refused.push(action);
      return fail(400, 'MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${unknown}"`);
    }
    if (lost.includes(action)) {
      lost.splice(lost.indexOf(action), 1);
      return fail(404, 'NoSuchEntity', 'not yet to be seen here');
    }
    const headers = {
      authorization: incoming.headers.authorization ?? '',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const got = await fetch(`${moto.endpoint}${incoming.url}`, { method: 'POST', body, headers });
    outgoing.writeHead(got.status, { 'content-type': 'text/xml' });
    outgoing.end(await got.text());
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    /** Actions answered once as if what they name were not there yet. */
    lost,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('iam: live restore', () => {
  let moto: Emulator;
  let strict: Awaited<ReturnType<typeof startStrict>>;
  let putBack: () => void;
  let sdk: IAM;
  let captured: Map<string, MemoryResource>;

  beforeAll(async () => {
    moto = await startMoto();
    strict = await startStrict(moto);
    putBack = useEndpoints({ all: strict.endpoint });
    sdk = new IAM({ region, endpoint: moto.endpoint });
    await seed(sdk);
    captured = await captureAll(connector, conformanceContext({}, region, 'global').context);
  });
  afterAll(async () => {
    putBack();
    await strict.stop();
    await moto.stop();
  });

  /** In simulated time: waiting takes none. */
  function run(mode: RestoreMode, change: object = {}): ConformanceRun<Record<string, never>> {
    const made = conformanceContext<Record<string, never>>({}, region, 'global');
    const clock = { ...systemRuntime.clock, sleep: async () => {} };
    return { ...made, context: { ...made.context, mode, runtime: { ...systemRuntime, clock }, ...change } };
  }

  async function deleteRole(RoleName: string): Promise<void> {
    await sdk.deleteRole({ RoleName });
  }

  it('brings back two roles that trust each other, and never names one that is not there', async () => {
    const before = await readAccount(sdk);
    await deleteRole('Left');
    await deleteRole('Right');
    const { context, identities } = run('create-missing');
    expect(await restoreAll(connector, context, captured, identities)).toBe(4);
    expect(strict.refused).toEqual([]);
    expect(await readAccount(sdk)).toEqual(before);
    // Conditions on `aws:userid` name these.
    expect([...identities.keys()].filter((id) => /^AROA|^A[A-Z0-9]{19}/.test(id))).toHaveLength(2);
  });

  it('waits for what was created a moment ago to be seen', async () => {
    const before = await readAccount(sdk);
    await deleteRole('Left');
    strict.lost.push('GetRole', 'UpdateAssumeRolePolicy', 'UpdateAssumeRolePolicy');
    const { context } = run('create-missing');
    await restoreAll(connector, context, captured);
    expect(strict.lost).toEqual([]);
    expect(await readAccount(sdk)).toEqual(before);
  });

  it('keeps in mode revert-changed what was added, and puts back what differs', async () => {
    const extra = 'arn:aws:iam::aws:policy/job-function/Billing';
    await sdk.attachRolePolicy({ RoleName: 'Deploy', PolicyArn: extra });
    await sdk.detachRolePolicy({ RoleName: 'Deploy', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
    await sdk.tagRole({
      RoleName: 'Deploy',
      Tags: [
        { Key: 'more', Value: 'yes' },
        { Key: 'site', Value: 'x' },
      ],
    });
    expect(await restoreAll(connector, run('create-missing').context, captured)).toBe(0);
    await restoreAll(connector, run('revert-changed').context, captured);
    const attached = (await sdk.listAttachedRolePolicies({ RoleName: 'Deploy' })).AttachedPolicies ?? [];
    expect(attached.map(({ PolicyArn = '' }) => PolicyArn).sort()).toEqual([
      `${account}:policy/app/Read`,
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
      extra,
    ]);
    const { Role } = await sdk.getRole({ RoleName: 'Deploy' });
    const tags = Object.fromEntries((Role?.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
    expect(tags).toEqual({ site: 'shop', more: 'yes' });
    expect(await restoreAll(connector, run('revert-changed').context, captured)).toBe(0);
    await restoreAll(connector, run('exact').context, captured);
    expect((await sdk.listAttachedRolePolicies({ RoleName: 'Deploy' })).AttachedPolicies).toHaveLength(2);
  });

  it('moves ARNs in policies to another account, and says which changed', async () => {
    const other = '999999999999';
    const { context, identities } = run('create-missing', {
      rewrite: (document: never) =>
        rewriteJson(document, {
          get: () => undefined,
          move: (arn) => arn.replace('123456789012', other),
          region: (name) => name,
        }),
    });
    const aws = Object.create(context.aws, { account: { value: other } }) as typeof context.aws;
    // moto takes the account from the access key; what is asked for is what can be seen here.
    const { plan, apply } = connector.live as NonNullable<typeof connector.live>;
    const left = (captured.get('role.Left') as MemoryResource).captured;
    await deleteRole('Left');
    await deleteRole('Right');
    const moved = { ...context, aws };
    const actions = await plan(moved, left);
    expect(actions.map(({ id, phase }) => [id, phase])).toEqual([
      ['iam/role.Left/create', undefined],
      ['iam/role.Left/trust', 'settle'],
    ]);
    const outcome = await apply(moved, actions[0] as (typeof actions)[0], left);
    expect(outcome).toMatchObject({ result: 'done', class: 'new-identity' });
    expect(outcome.identities?.[0]).toEqual({
      from: `${account}:role/pair/Left`,
      to: `arn:aws:iam::${other}:role/pair/Left`,
    });
    expect(identities.size).toBe(0);
    // Its partner is in the other account as well, and not there: refused, with what IAM said.
    const error: unknown = await apply(moved, actions[1] as (typeof actions)[0], left).catch(
      (thrown: unknown) => thrown,
    );
    expect(isItemError(error) && error.message).toContain(`arn:aws:iam::${other}:role/pair/Right`);
    await restoreAll(connector, run('exact').context, captured);
  });

  it('returns certificates and roles of Identity Center to a directory only', () => {
    const why = (name: string): string | undefined =>
      connector.live?.directoryOnly?.({ type: 'iam', name, id: '', region: 'global', account: '' });
    expect(why('server-certificate.old')).toContain('private key');
    expect(why('role.AWSReservedSSO_Admin_1')).toContain('Identity Center');
    expect(why('role.Deploy')).toBeUndefined();
  });
});

describe('iam: trust a role is created with', () => {
  const root = `${account}:root`;
  const allow = (Principal: unknown, more: object = {}) => ({
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...more,
  });
  const first = (...statements: unknown[]) => firstTrust({ ...trust, Statement: statements } as never, root);

  it('leaves out roles and users, and keeps services, accounts and conditions', () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'x' } };
    const named = [`${account}:role/a`, root];
    expect(first(allow({ AWS: named, Service: 'ec2.amazonaws.com' }, { Condition }))).toMatchObject({
      Statement: [{ Principal: { AWS: [root], Service: 'ec2.amazonaws.com' }, Condition }],
    });
    expect(first(allow('*'))).toMatchObject({ Statement: [{ Principal: '*' }] });
    expect(firstTrust(trust as never, root)).toEqual(trust);
  });

  it('lets nobody in where nothing is left, and forbids rather more than less', () => {
    expect(first(allow({ AWS: `${account}:user/ann` }))).toMatchObject({
      Statement: [{ Effect: 'Deny', Principal: { AWS: root } }],
    });
    const deny = { Effect: 'Deny', NotPrincipal: { AWS: `${account}:role/a` }, Action: '*' };
    expect(first(allow({ Service: 'ec2.amazonaws.com' }), deny)).toMatchObject({
      Statement: [{ Effect: 'Allow' }, { Effect: 'Deny', Principal: { AWS: '*' } }],
    });
  });

  it('is compared whatever the order of words and whether one stands alone', () => {
    const a = { Statement: { Action: ['b', 'a'], Principal: { AWS: ['x'] } } };
    const b = { Statement: [{ Action: ['a', 'b'], Principal: { AWS: 'x' } }] };
    expect(comparablePolicy(a)).toEqual(comparablePolicy(b));
    expect(text(comparablePolicy(a))).not.toBe(text(a));
  });
});
