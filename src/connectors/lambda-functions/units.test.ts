import type { Lambda } from '@aws-sdk/client-lambda';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRuntime, type Runtime } from '../../kernel/runtime.ts';
import { comparable } from './comparable.ts';
import { differingFields, sameVersion } from './configuration.ts';
import { mappingOf, plain, versionOf, type FunctionVersion } from './documents.ts';
import { parts, readPart, type Part } from './parts.ts';
import { comparableStatement, permissionFor } from './permissions.ts';
import type { Target } from './target.ts';
import { matchVersions } from './versions.ts';
import { redacted, write } from './write.ts';

describe('lambda-functions: versions', () => {
  const versions = fc
    .uniqueArray(fc.record({ number: fc.integer({ min: 1, max: 30 }), memory: fc.integer({ min: 1, max: 4 }) }), {
      selector: ({ number }) => number,
    })
    .map((list) =>
      list
        .sort((a, b) => a.number - b.number)
        .map(({ number, memory }) => versionOf({ Version: String(number), MemorySize: memory })),
    );

  it('are matched to live ones that do the same, each to another, and to the same number where that does', () => {
    fc.assert(
      fc.property(versions, versions, (wanted, live) => {
        const matched = matchVersions(wanted, live);
        const find = (list: readonly FunctionVersion[], number: string | undefined) =>
          list.find(({ version }) => version === number);
        expect(new Set(matched.values()).size).toBe(matched.size);
        for (const version of wanted) {
          const counterpart = find(live, matched.get(version.version));
          if (counterpart) expect(sameVersion(version, counterpart)).toBe(true);
          const namesake = find(live, version.version);
          if (namesake && sameVersion(version, namesake)) expect(counterpart).toBe(namesake);
          // Whatever has no counterpart does something that no free live version does.
          const free = live.filter((candidate) => ![...matched.values()].includes(candidate.version));
          if (!counterpart) expect(free.some((candidate) => sameVersion(version, candidate))).toBe(false);
        }
      }),
    );
  });
});

describe('lambda-functions: documents', () => {
  it('leave out what changes by itself, and "not set" in all its spellings', () => {
    const found = versionOf({
      FunctionName: 'api',
      Version: '$LATEST',
      LastModified: '2026-11-21T00:00:00.000+0000',
      RevisionId: 'r',
      State: 'Active',
      LastUpdateStatus: 'Successful',
      RuntimeVersionConfig: { RuntimeVersionArn: 'arn:aws:lambda:us-east-1::runtime:1' },
      Environment: { Variables: { EMPTY: '', TOKEN: 'x' } },
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: '' },
      KMSKeyArn: '',
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    });
    expect(found.config).toEqual({ FunctionName: 'api', Version: '$LATEST', SnapStart: { ApplyOn: 'None' } });
    expect(found.environment).toEqual({ EMPTY: '', TOKEN: 'x' });
    expect(versionOf({ Environment: { Error: { ErrorCode: 'AccessDenied' } } }).environment).toBeUndefined();
    expect(plain({ at: new Date(0), none: null, list: [] })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });

  it('take a mapping on its way to a state for what it will be', () => {
    const enabled = (State: string): unknown => mappingOf({ State, UUID: 'u' })['Enabled'];
    expect(['Creating', 'Enabling', 'Enabled', 'Updating'].map(enabled)).toEqual([true, true, true, true]);
    expect(['Disabling', 'Disabled'].map(enabled)).toEqual([false, false]);
  });

  it('treat an absent field and the value that clears it alike', () => {
    expect(differingFields({}, { Description: '', Layers: [], TracingConfig: { Mode: 'PassThrough' } })).toEqual([]);
    expect(differingFields({ Timeout: 5 }, {})).toEqual(['Timeout']);
  });

  it('are compared without identities that are new after a restore', () => {
    const url = (host: string): unknown =>
      comparable({ collection: '', key: 'url.json', part: 'content' }, [{ AuthType: 'NONE', FunctionUrl: host }]);
    expect(url('https://a')).toEqual(url('https://b'));
    const layer = (number: number): unknown =>
      comparable(
        { collection: '', key: 'config.json', part: 'content' },
        { Layers: [`arn:aws:lambda:us-east-1:123456789012:layer:fonts:${number}`] },
      );
    expect(layer(1)).toEqual(layer(7));
  });
});

describe('lambda-functions: permissions', () => {
  it('are granted again by the request that made the statement', () => {
    const statement = {
      Sid: 'alb',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::210987654321:root' },
      Action: 'lambda:InvokeFunctionUrl',
      Resource: 'arn:aws:lambda:us-east-1:123456789012:function:api:live',
      Condition: {
        ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::in' },
        StringEquals: { 'AWS:SourceAccount': '123456789012', 'lambda:FunctionUrlAuthType': 'AWS_IAM' },
        Bool: { 'lambda:InvokedViaFunctionUrl': 'true' },
      },
    };
    expect(permissionFor(statement)).toEqual({
      StatementId: 'alb',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: 'arn:aws:iam::210987654321:root',
      SourceArn: 'arn:aws:s3:::in',
      SourceAccount: '123456789012',
      FunctionUrlAuthType: 'AWS_IAM',
      InvokedViaFunctionUrl: true,
    });
    expect(comparableStatement(statement)['Principal']).toBe('210987654321');
  });

  it('that no request can make are told apart', () => {
    const statement = { Sid: 'x', Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction' };
    expect(permissionFor({ ...statement, Effect: 'Deny' })).toBeUndefined();
    expect(permissionFor({ ...statement, Action: ['a', 'b'] })).toBeUndefined();
    expect(permissionFor({ ...statement, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })).toBeUndefined();
  });
});

describe('lambda-functions: writes', () => {
  function targetWith(): { target: Target; waited: () => number } {
    let now = 0;
    const clock = {
      now: () => now,
      sleep: async (ms: number) => void (now += await Promise.resolve(ms)),
    };
    const runtime: Runtime = { ...systemRuntime, clock };
    const context = { runtime, signal: new AbortController().signal };
    return { target: { context, resource: 'lambda-functions/api' } as unknown as Target, waited: () => now };
  }
  function refused(message: string): Error {
    return Object.assign(new Error(message), { name: 'InvalidParameterValueException' });
  }
  const roleIsNew = refused('The role defined for the function cannot be assumed by Lambda.');

  it('wait for a new role, and give up after a minute', async () => {
    const { target, waited } = targetWith();
    let calls = 0;
    const result = await write(target, 'CreateFunction', async () => {
      calls += 1;
      if (calls < 4) throw roleIsNew;
      return await Promise.resolve('made');
    });
    expect([result, calls]).toEqual(['made', 4]);
    await expect(write(target, 'CreateFunction', () => Promise.reject(roleIsNew))).rejects.toMatchObject({
      message: expect.stringContaining('cannot be assumed') as string,
    });
    expect(waited()).toBeLessThanOrEqual(62_000);
  });

  it('do not wait where waiting does not help', async () => {
    const { target, waited } = targetWith();
    await expect(
      write(target, 'CreateFunction', () => Promise.reject(refused('Timeout is too long'))),
    ).rejects.toThrow();
    expect(waited()).toBe(0);
  });

  it('never quote a secret, neither as it is nor as JSON nor in the cause', async () => {
    const secrets = ['s3cr"et', 's3cr"et-longer'];
    const said = refused(`variables s3cr"et-longer and ${JSON.stringify(secrets)} are refused`);
    const error = await write(targetWith().target, 'CreateFunction', () => Promise.reject(said), secrets).catch(
      (thrown: unknown) => thrown as Error,
    );
    for (const shown of [String(error), String(error.cause), error.stack]) expect(shown).not.toMatch(/s3cr|longer/);
    const measured = redacted(refused('exceeded the 4KB limit. String measured: {"A":"anything"}'), ['b']);
    expect(String(measured)).not.toContain('anything');
  });
});

describe('lambda-functions: scaling of managed instances (a client of ours)', () => {
  const part = parts.find(({ file }) => file === 'scaling.json') as Part;
  const version = (number: string, config: object) =>
    ({ version: number, config, environment: undefined, codeSize: 0, lastModified: '' }) as never;

  it('is asked of versions that run on a capacity provider, and of no other', async () => {
    const asked: string[] = [];
    const lambda = {
      getFunctionScalingConfig: async ({ Qualifier = '' }) => {
        asked.push(Qualifier);
        const RequestedFunctionScalingConfig = { MinExecutionEnvironments: 3, MaxExecutionEnvironments: 9 };
        return await Promise.resolve({ FunctionArn: 'arn', RequestedFunctionScalingConfig });
      },
    } as unknown as Lambda;
    const CapacityProviderConfig = { LambdaManagedInstancesCapacityProviderConfig: { CapacityProviderArn: 'arn' } };
    const versions = [
      version('$LATEST', { CapacityProviderConfig }),
      version('1', {}),
      version('2', { CapacityProviderConfig }),
    ];
    expect(await readPart(part, lambda, 'api', 'lambda-functions/api', versions)).toEqual([
      { Qualifier: '2', FunctionScalingConfig: { MinExecutionEnvironments: 3, MaxExecutionEnvironments: 9 } },
    ]);
    expect(asked).toEqual(['2']);
  });
});
