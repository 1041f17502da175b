import type { RDS } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import type { DocumentQuotas } from '../documents/contract.ts';
import { clusterMembers } from './members.ts';

export const quotas: DocumentQuotas<RDS> = {
  service: 'rds',
  rows: [
    {
      kind: 'instances',
      code: 'L-7B6409FD',
      what: 'DB instances',
      named: /db instances/i,
      // Members come back with their cluster.
      async takes(kind, captured) {
        if (kind === 'instances') return [''];
        if (kind !== 'clusters') return [];
        const members = (await captured.json('', clusterMembers.file)) as readonly Json[] | undefined;
        return (members ?? []).map(() => '');
      },
    },
    { kind: 'clusters', code: 'L-952B80B8', what: 'DB clusters', named: /db clusters/i },
    { kind: 'parameter-groups', code: 'L-DE55804A', what: 'DB parameter groups', named: /parameter groups/i },
    { kind: 'option-groups', code: 'L-9FA33840', what: 'DB option groups', named: /option groups/i },
    { kind: 'subnet-groups', code: 'L-48C6BF61', what: 'DB subnet groups', named: /subnet groups/i },
  ],
};
