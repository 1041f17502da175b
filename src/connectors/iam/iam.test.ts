import { IAMClient } from '@aws-sdk/client-iam';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMoto, useEndpoints, type Emulator } from '../../../test/emulators/index.ts';
import { captureAll, conformanceContext, discoverAll } from '../conformance.ts';
import type { MemoryResource } from '../conformance-memory.ts';
import { comparable } from './comparable.ts';
import { connector } from './index.ts';
import { policyDocument } from './policy-document.ts';
import { policy, seed, text, trust } from './seed-for-test.ts';

let moto: Emulator;
let restoreEndpoints: () => void;
let sdk: IAMClient;
let seeded: Promise<string> | undefined;

beforeAll(async () => {
  moto = await startMoto();
  restoreEndpoints = useEndpoints({ all: moto.endpoint });
  sdk = new IAMClient({ region: 'us-east-1', endpoint: moto.endpoint });
});
afterAll(async () => {
  restoreEndpoints();
  await moto.stop();
});

/** In front of the emulator: IAM's query protocol names the action in the body, where the fault proxy does not look. */
async function startDenying(target: string, actions: readonly string[]) {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await textOf(incoming);
      const action = new URLSearchParams(body).get('Action') ?? '';
      const denied = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed: ${action}</Message></Error></ErrorResponse>`;
      const forward = async () =>
        await fetch(`${target}${incoming.url}`, { method: 'POST', body, headers: forwarded(incoming) });
      const answer = actions.includes(action) ? new Response(denied, { status: 403 }) : await forward();
      outgoing.writeHead(answer.status, { 'content-type': 'text/xml' });
      outgoing.end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint: `http://127.0.0.1:${port}`, stop };
}

function forwarded({ headers }: IncomingMessage): Record<string, string> {
  const { authorization = '', 'content-type': type = '' } = headers;
  return { authorization, 'content-type': type };
}

async function seedOnce(): Promise<string> {
  seeded ??= seed(sdk);
  return await seeded;
}

async function captured(): Promise<{ resources: Map<string, MemoryResource>; calls: string[] }> {
  await seedOnce();
  const { context, calls } = conformanceContext({}, 'us-east-1', 'global');
  const resources = await captureAll(connector, context);
  return { resources, calls: calls.map((call) => call.operation) };
}

describe('iam', () => {
  it('captures one resource of each kind with its documents, and no policy of Amazon', async () => {
    const { resources, calls } = await captured();
    expect([...resources.keys()].sort()).toEqual([
      'account',
      'group.Ops',
      'instance-profile.Worker',
      'oidc-provider.oidc.example.com%2Fid%2F0A1B',
      'policy.Read',
      'role.AWSServiceRoleForAutoScaling',
      'role.Deploy',
      'role.Left',
      'role.Right',
      'saml-provider.corp',
      'server-certificate.old',
      'user.ann',
    ]);
    const read = async (name: string, key: string, collection = '') =>
      await resources.get(name)?.captured.json(collection, key);
    expect(await read('role.Deploy', 'role.json')).toMatchObject({
      Path: '/app/',
      Description: 'deploys',
      MaxSessionDuration: 7200,
      PermissionsBoundary: 'arn:aws:iam::123456789012:policy/app/Read',
      AttachedPolicies: ['arn:aws:iam::123456789012:policy/app/Read', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
      InstanceProfiles: ['Worker'],
      Tags: { site: 'shop' },
    });
    expect(await read('role.Deploy', 'trust-policy.json')).toEqual(trust);
    for (const name of ['role.Deploy', 'group.Ops', 'user.ann']) {
      expect(await read(name, 'inline.json', 'inline-policies')).toEqual(policy);
    }
    expect(await read('policy.Read', 'policy.json')).toMatchObject({
      DefaultVersionId: 'v2',
      Description: 'reads',
      Tags: { site: 'shop' },
    });
    expect(await read('policy.Read', 'v1.json', 'versions')).toEqual(policy);
    const version = await resources.get('policy.Read')?.captured.entry('versions', 'v2.json');
    expect(version?.attributes['default']).toBe(true);
    expect(await read('user.ann', 'user.json')).toMatchObject({
      Groups: ['Ops'],
      AccessKeys: [{ Status: 'Active' }],
      MFADevices: [{ SerialNumber: 'arn:aws:iam::123456789012:mfa/phone' }],
      LoginProfile: { PasswordResetRequired: false },
      SSHPublicKeys: [{ SSHPublicKeyBody: 'ssh-rsa AAAAB3NzaC1yc2E ann' }],
    });
    expect(await read('instance-profile.Worker', 'instance-profile.json')).toMatchObject({
      Roles: ['Deploy'],
      Tags: { site: 'shop' },
    });
    expect(await read('account', 'account.json')).toMatchObject({
      Aliases: ['acme'],
      PasswordPolicy: { MinimumPasswordLength: 14 },
    });
    // Six listings, one call per policy, profile, provider and certificate, five for the user, two for the account.
    expect(calls.length).toBe(6 + 5 + 5 + 2);
  });

  it('says what will be lost, and holds no secret', async () => {
    const secret = await seedOnce();
    const { resources } = await captured();
    const lines = [...resources].flatMap(([name, { captured }]) =>
      captured.ledger.map((note) => `${name}: ${note.class} ${note.what.replace(/ id .*/, ' id')}`),
    );
    expect(lines.sort()).toEqual([
      'role.AWSServiceRoleForAutoScaling: needs-human service-linked role AWSServiceRoleForAutoScaling',
      'role.Deploy: new-identity role id',
      'role.Left: new-identity role id',
      'role.Right: new-identity role id',
      'server-certificate.old: lost private key of the certificate',
      'user.ann: lost MFA devices',
      'user.ann: lost access keys',
      'user.ann: lost console password',
      'user.ann: new-identity user id',
    ]);
    for (const { captured } of resources.values()) {
      for (const collection of captured.collections) {
        for await (const entry of captured.entries(collection)) {
          const content = Buffer.from(await captured.bytes(entry)).toString();
          for (const hidden of [secret, 'Correct-horse-1', 'top-secret-key']) expect(content).not.toContain(hidden);
        }
      }
    }
  });

  it('loses one item when one call is denied, and reports what it could not list', async () => {
    await seedOnce();
    const denying = await startDenying(moto.endpoint, ['ListAccessKeys', 'ListSAMLProviders', 'ListRoles']);
    const back = useEndpoints({ all: denying.endpoint });
    const { resources } = await captured();
    const found = await discoverAll(connector, conformanceContext({}, 'us-east-1', 'global').context);
    back();
    await denying.stop();
    const failures = [...resources].flatMap(([name, { failures }]) =>
      failures.map((failure) => `${name}: ${failure.message.split(' ')[0]}`),
    );
    // ListRoles as well, and nothing is lost by it: each role is asked for instead.
    expect(failures).toEqual(['user.ann: ListAccessKeys']);
    const refused = found.flatMap(({ ref, refused }) =>
      refused ? `${ref.name} ${refused.message.split(' ')[0]}` : [],
    );
    expect(refused).toEqual(['saml-provider. ListSAMLProviders']);
    expect(await resources.get('role.Deploy')?.captured.json('', 'role.json')).toMatchObject({
      MaxSessionDuration: 7200,
    });
    expect(await resources.get('user.ann')?.captured.json('', 'user.json')).toMatchObject({ Groups: ['Ops'] });
  });

  it('compares without what a restore cannot bring back', async () => {
    const { resources } = await captured();
    const user = await resources.get('user.ann')?.captured.json('', 'user.json');
    if (user === undefined) throw new Error('user.ann was not captured');
    const where = { collection: '', key: 'user.json', part: 'content' } as const;
    const again = { ...(user as Record<string, never>), UserId: 'AIDANEW', CreateDate: '2030-01-01T00:00:00.000Z' };
    expect(comparable(where, again)).toEqual(comparable(where, user));
    expect(comparable(where, { ...again, AccessKeys: [] })).not.toEqual(comparable(where, user));
    expect(comparable(where, { ...again, Groups: [] })).not.toEqual(comparable(where, user));
  });
});

describe('policy documents', () => {
  it('are read encoded and plain, and refused otherwise', () => {
    expect(policyDocument(encodeURIComponent(text(policy)), 'iam/role.x')).toEqual(policy);
    expect(policyDocument(text(policy), 'iam/role.x')).toEqual(policy);
    expect(() => policyDocument('%7Bnot json', 'iam/role.x')).toThrow(/iam\/role\.x is not JSON/);
    expect(() => policyDocument('%', 'iam/role.x')).toThrow(/is not JSON/);
  });
});
