import { afterAll } from 'vitest';

/** What the tests of a file leave behind is pushed here: called after the last of them, in the opposite order. */
export function cleanedUpAfterAll(): (() => unknown)[] {
  const cleanups: (() => unknown)[] = [];
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  return cleanups;
}
