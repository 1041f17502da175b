import type { Verb } from '../place.ts';
import { copyVerbs } from './copy.ts';
import { forgetVerb } from './forget.ts';
import { keyVerbs } from './keys.ts';
import { lockVerb } from './lock.ts';
import { pruneVerbs } from './prune.ts';
import { repairVerb } from './repair.ts';
import { settleVerb } from './settle.ts';
import { snapshotVerbs } from './snapshot.ts';
import { walVerbs } from './wal.ts';

/** Everything that writes to a repository. */
export const verbs: readonly Verb[] = [
  ...snapshotVerbs,
  settleVerb,
  forgetVerb,
  ...pruneVerbs,
  ...copyVerbs,
  ...keyVerbs,
  lockVerb,
  repairVerb,
  ...walVerbs,
];
