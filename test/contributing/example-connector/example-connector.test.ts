import {
  CreateGroupCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  GetGroupPolicyCommand,
  IAMClient,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  PutGroupPolicyCommand,
} from '@aws-sdk/client-iam';
import { cleanedUpAfterAll } from '../../cleanups.ts';
import { describeConnector } from '../../../src/connectors/conformance.ts';
import { compactJson, type Json } from '../../../src/kernel/json.ts';
import { startMoto, useEndpoints } from '../../emulators/index.ts';
import { connector } from './index.ts';

const cleanups = cleanedUpAfterAll();

function policy(action: string): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
}

describeConnector('iam-groups', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const iam = new IAMClient({ region: 'us-east-1', endpoint: moto.endpoint });
  const put = async (GroupName: string, PolicyName: string, action: string): Promise<void> => {
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument: policy(action) }));
  };
  return {
    connector,
    options: {},
    region: 'us-east-1',
    seed: async () => {
      for (const GroupName of ['ops', 'readers']) await iam.send(new CreateGroupCommand({ GroupName }));
      await put('ops', 'deploy', 'lambda:*');
      await put('ops', 'logs', 'logs:*');
      await put('readers', 'read', 's3:GetObject');
    },
    readBack: async () => {
      const found: string[] = [];
      for (const { GroupName } of (await iam.send(new ListGroupsCommand({}))).Groups ?? []) {
        const { PolicyNames } = await iam.send(new ListGroupPoliciesCommand({ GroupName }));
        for (const PolicyName of PolicyNames ?? []) {
          const { PolicyDocument } = await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }));
          const document = JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as Json;
          found.push(`${GroupName} ${PolicyName} ${compactJson(document)}`);
        }
      }
      return found.sort();
    },
    damage: async () => {
      await put('ops', 'deploy', 'iam:*');
      await put('ops', 'surprise', 's3:*');
      await iam.send(new DeleteGroupPolicyCommand({ GroupName: 'ops', PolicyName: 'logs' }));
      await iam.send(new DeleteGroupPolicyCommand({ GroupName: 'readers', PolicyName: 'read' }));
      await iam.send(new DeleteGroupCommand({ GroupName: 'readers' }));
    },
  };
});
