import type { Peer } from '../peer.ts';
import { borg } from './borg.ts';
import { kopia } from './kopia.ts';
import { rclone } from './rclone.ts';
import { restic } from './restic.ts';
import { rustic } from './rustic.ts';

/** All that Holdfast is compared with, in the order of the tables. */
export const peers: readonly Peer[] = [restic, rustic, borg, kopia, rclone];
