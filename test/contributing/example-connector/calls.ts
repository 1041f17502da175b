import { call } from '../../../src/connectors/contract.ts';

export const captureCalls = [
  call('iam', 'ListGroups'),
  call('iam', 'ListGroupPolicies'),
  call('iam', 'GetGroupPolicy'),
  call('iam', 'GetGroup'),
];

export const restoreCalls = [
  call('iam', 'CreateGroup'),
  call('iam', 'PutGroupPolicy'),
  call('iam', 'DeleteGroupPolicy'),
];
