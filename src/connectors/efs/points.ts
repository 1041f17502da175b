import type { BackedUp } from '../backup-points/keeping.ts';
import { backupClient } from '../backup/calls.ts';
import { readTags } from '../backup/tags.ts';

/** File systems: their points, and the tags of these, are at AWS Backup. */
export const fileSystemPoints: BackedUp = {
  covers: ({ name }) => name.startsWith('file-systems/'),
  async tags(aws, arns) {
    const client = await backupClient(aws);
    const found = new Map<string, Record<string, string>>();
    for (const arn of arns) found.set(arn, await readTags(client, arn, 'efs'));
    return found;
  },
};
