import { documentTargets } from './document-targets.ts';
import { formatTargets } from './format-targets.ts';
import { keyTargets } from './key-targets.ts';
import type { Target } from './target.ts';
import { walTargets } from './wal-targets.ts';

export const targets: readonly Target[] = [...formatTargets, ...keyTargets, ...documentTargets, ...walTargets];
