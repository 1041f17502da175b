import type { Json } from '../../kernel/json.ts';
import { without } from '../documents/said.ts';

export const volumeFile = 'volume.json';

/** On what a restore made: the name it came back under, by which the next one finds it. Never captured. */
export const restoredTag = 'holdfast:restored';

/** Without where it lies and what it was made of, which a restore makes anew. */
export function comparableVolume(document: Json): Json {
  return without(
    document,
    'VolumeId',
    'SnapshotId',
    'AvailabilityZone',
    'AvailabilityZoneId',
    'KmsKeyId',
    'SourceVolumeId',
    'VolumeInitializationRate',
  );
}
