import type { LedgerNote } from '../../kernel/entry.ts';
import type { Documents } from '../documents/contract.ts';
import { files } from './files.ts';
import type { Stages } from './stages.ts';

export function apiNotes(documents: Documents): readonly LedgerNote[] {
  const stages = (documents.get(files.stages) ?? {}) as unknown as Stages;
  const deployed = Object.entries(stages).filter(([, stage]) => stage['AutoDeploy'] !== true);
  const older = deployed
    .filter(([, stage]) => (stage['deployment'] as { isNewest?: boolean } | undefined)?.isNewest === false)
    .map(([name]) => name);
  const identity: LedgerNote = {
    class: 'new-identity',
    what: 'the id of the API and its address',
    why: 'API Gateway generates both; made again, the API answers at another host name.',
    action: 'Put a domain of your own in front of it, and let clients use that.',
  };
  if (older.length > 0) {
    return [
      identity,
      {
        class: 'lost',
        what: `what ${older.map((name) => `stage ${name}`).join(' and ')} served`,
        why: 'It serves an older deployment than the newest one, and deployments can be made of what the API is now only.',
        action: 'Deploy what should be served, so that it is what is captured.',
        count: older.length,
      },
    ];
  }
  if (deployed.length === 0) return [identity];
  return [
    identity,
    {
      class: 'needs-human',
      what: 'what its stages serve, where the API was changed since',
      why: 'Deployments cannot be read back: stages return with a deployment of what the API was when it was captured.',
      action: 'Deploy after each change, or let the stages deploy by themselves.',
    },
  ];
}
