import type { Connector, ProviderCall } from '../contract.ts';

/** Calls of the Apps Script API; Google knows scopes and no IAM actions for them. */
function script(operation: string): ProviderCall {
  return { api: 'script', operation, actions: [] };
}

const captureCalls = [
  script('projects.get'),
  script('projects.getContent'),
  script('projects.versions.list'),
  script('projects.deployments.list'),
];

export const calls: Connector['calls'] = {
  capture: captureCalls,
  restore: [
    ...captureCalls,
    script('projects.create'),
    script('projects.updateContent'),
    script('projects.versions.create'),
    script('projects.deployments.create'),
    script('projects.deployments.update'),
  ],
};

export const scopes = {
  capture: [
    'https://www.googleapis.com/auth/script.projects.readonly',
    'https://www.googleapis.com/auth/script.deployments.readonly',
  ],
  restore: ['https://www.googleapis.com/auth/script.projects', 'https://www.googleapis.com/auth/script.deployments'],
} as const;
