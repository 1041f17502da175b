import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import type { Deployment, Version } from './deployments.ts';
import type { ScriptFile } from './files.ts';

export interface Known {
  readonly project: Readonly<Record<string, Json>> | undefined;
  readonly files: readonly ScriptFile[] | undefined;
  readonly versions: readonly Version[] | undefined;
  readonly deployments: readonly Deployment[] | undefined;
}

/** What of a project no restore brings back as it was. */
export function notesOn({ project, files, versions = [], deployments = [] }: Known): LedgerNote[] {
  const deployed = deployments.filter(({ deploymentConfig }) => deploymentConfig.versionNumber !== undefined);
  return [
    ...always,
    ...(project?.['parentId'] === undefined ? [] : [bound]),
    ...(versions.length === 0 ? [] : [{ ...numbers, count: versions.length }]),
    ...(deployed.length === 0 ? [] : [{ ...addresses, count: deployed.length }]),
    ...(usesCloudProject(files) ? [cloudProject] : []),
  ];
}

const always: readonly LedgerNote[] = [
  {
    class: 'lost',
    what: 'script properties',
    why: 'The Apps Script API cannot read them.',
    action: 'Keep what they hold in a store of its own, and let a function of the script set them again.',
  },
  {
    class: 'lost',
    what: 'installable triggers',
    why: 'The Apps Script API cannot read them.',
    action: 'Let a function of the script create them (ScriptApp.newTrigger), and run it after a restore.',
  },
  {
    class: 'needs-human',
    what: 'consent',
    why: 'Each user of a new project is asked anew what it may do.',
    action: 'Let its users open the restored project and run it once.',
  },
];

const bound: LedgerNote = {
  class: 'needs-human',
  what: 'the document the script is bound to',
  why: 'A new project is bound to the same document, and cannot be where that is gone; a copy of a document has its own.',
  action: 'Restore the document first. Where it has another id, bring the script to it by hand.',
};

const numbers: LedgerNote = {
  class: 'new-identity',
  what: 'numbers of versions',
  why: 'Google numbers the versions of a new project from one; only those with a deployment are made again.',
  action: 'Projects that use this one as a library name a version: change them. All versions are in the snapshot.',
};

const addresses: LedgerNote = {
  class: 'new-identity',
  what: 'addresses of deployments',
  why: 'A deployment that is made again has another id, and its web app another address.',
  action: 'Let callers use a name of your own that leads to it, and change that.',
};

const cloudProject: LedgerNote = {
  class: 'needs-human',
  what: 'the Google Cloud project',
  why: 'The Apps Script API does not tell which one a script belongs to, and cannot set it.',
  action: 'Choose it in the settings of the restored project; enable there the services its manifest names.',
};

/** Advanced services and the execution API depend on the Cloud project. */
function usesCloudProject(files: readonly ScriptFile[] = []): boolean {
  const manifest = files.find(({ name, type }) => name === 'appsscript' && type === 'JSON');
  return manifest !== undefined && /"(enabledAdvancedServices|executionApi)"/.test(manifest.source);
}
