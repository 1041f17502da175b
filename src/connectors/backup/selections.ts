import type { Backup, BackupSelection } from '@aws-sdk/client-backup';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { factsOf, type Facts } from '../documents/said.ts';
import type { BackupOptions } from './options.ts';

interface Selected {
  readonly id: string;
  readonly document: Json;
}

/** What a plan selects: by ARN, by tags, by conditions, each with the role that does it. */
async function allSelections(scene: Scene<Backup, BackupOptions>, address: Address): Promise<readonly Selected[]> {
  const { client } = scene;
  const { resource } = address;
  const BackupPlanId = planId(address.id);
  const ask = (NextToken?: string) =>
    required(client.listBackupSelections({ BackupPlanId, NextToken }), 'ListBackupSelections', resource);
  const found: Selected[] = [];
  for await (const { BackupSelectionsList = [] } of pages(ask, (page) => page.NextToken))
    for (const { SelectionId = '' } of BackupSelectionsList) {
      const asking = client.getBackupSelection({ BackupPlanId, SelectionId });
      const { BackupSelection } = await required(asking, 'GetBackupSelection', resource);
      found.push({ id: SelectionId, document: ordered(factsOf(BackupSelection)) });
    }
  return found.sort((a, b) => (nameOf(a.document) < nameOf(b.document) ? -1 : 1));
}

/** `arn:…:backup-plan:1b2c…` → `1b2c…`. */
export function planId(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

/** Lists say the same in any order; other identities have another one. */
function ordered(selection: Json): Json {
  const document = selection as Facts;
  const sorted = (list: Json | undefined): Json =>
    (list as Json[]).toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  const names = ['Resources', 'NotResources', 'ListOfTags'].filter((name) => document[name] !== undefined);
  return { ...document, ...Object.fromEntries(names.map((name) => [name, sorted(document[name])])) };
}

function nameOf(document: Json): string {
  return (document as { readonly SelectionName?: string }).SelectionName ?? '';
}

/**
 * A plan without them does nothing, so that they come at the very end, when everything they name has its new ARN. A
 * selection cannot be changed: one that differs is deleted and made again.
 */
export const selections: DocumentPart<Backup, BackupOptions> = {
  file: 'selections.json',
  phase: 'enable',
  async read(scene, address) {
    const all = await allSelections(scene, address);
    return all.length === 0 ? undefined : all.map(({ document }) => document);
  },
  comparable: (document) => (document as Json[]).map(ordered),
  async write(scene, address, wanted) {
    const { client } = scene;
    const { resource } = address;
    const BackupPlanId = planId(address.id);
    const missing = new Map((wanted as Json[] | undefined)?.map((one) => [canonicalJson(ordered(one)), one]));
    for (const { id: SelectionId, document } of await allSelections(scene, address)) {
      if (missing.delete(canonicalJson(document))) continue;
      const deleting = client.deleteBackupSelection({ BackupPlanId, SelectionId });
      await required(deleting, 'DeleteBackupSelection', resource);
    }
    for (const document of missing.values()) {
      const creating = client.createBackupSelection({
        BackupPlanId,
        BackupSelection: document as unknown as BackupSelection,
      });
      // One that is there by now is what an attempt without an answer made; it is read back with the others.
      await optional(creating, 'CreateBackupSelection', resource, 'AlreadyExistsException');
    }
  },
};
