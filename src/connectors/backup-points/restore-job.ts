import type { Backup } from '@aws-sdk/client-backup';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';

/** Large file systems take many hours. */
const patience = 12 * 3_600_000;
const firstPause = 5000;
const longestPause = 60_000;

/** Follows a restore job to its end, telling how it goes; the ARN of what it made. Throws item.unavailable, item.invalid. */
export async function followRestore(
  scene: Scene<unknown>,
  client: Backup,
  RestoreJobId: string,
  resource: string,
): Promise<string> {
  const { clock } = scene.runtime;
  const began = clock.now();
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    scene.signal.throwIfAborted();
    const asking = client.describeRestoreJob({ RestoreJobId });
    const job = await required(asking, 'DescribeRestoreJob', resource);
    const { Status = 'PENDING', StatusMessage, PercentDone, CreatedResourceArn: arn } = job;
    if (Status === 'COMPLETED' && arn !== undefined) return arn;
    if (Status !== 'PENDING' && Status !== 'RUNNING') {
      const said = Status === 'COMPLETED' ? 'it does not say what it made' : StatusMessage;
      const why = said === undefined ? '' : `: ${said}`;
      const message = `the restore job ${RestoreJobId} of ${resource} is ${Status}${why}`;
      throw new HoldfastError('item.invalid', message, { resource });
    }
    const minutes = Math.round((clock.now() - began) / 60_000);
    const how = `${Status}${PercentDone === undefined ? '' : `, ${PercentDone}%`}`;
    if (clock.now() - began > patience) {
      const message = `the restore job ${RestoreJobId} of ${resource} is still ${how} after ${minutes} minutes`;
      const hint = 'Run the same restore again: it goes on waiting, and does the rest.';
      throw new HoldfastError('item.unavailable', message, { resource, hint });
    }
    scene.events({ type: 'notice', level: 'info', message: `restore of ${resource} is ${how} (${minutes} min)` });
    await clock.sleep(pause, scene.signal);
  }
}
