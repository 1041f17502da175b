/**
 * Zones and health checks get a new id when they are created again, and a caller reference can be used once in an account's
 * life. Ours tells what the new one replaces: `holdfast/<id of the first>/<attempt>`. So a restore finds what an earlier one
 * made (idempotence without a record of its own), and keys and names stay the same from snapshot to snapshot.
 */
const pattern = /^holdfast\/([^/]+)\/(\d+)$/;

/** Attempts before a restore gives up: each one burns a reference, and each was deleted again. */
export const maxAttempts = 50;

/** The id a zone or health check had in its first life; its own unless Holdfast created it. */
export function originOf(id: string, callerReference: string | undefined): string {
  return pattern.exec(callerReference ?? '')?.[1] ?? id;
}

/** At most 64 characters (the limit for health checks): ids are at most 36. */
export function callerReference(origin: string, attempt: number): string {
  return `holdfast/${origin}/${attempt}`;
}
