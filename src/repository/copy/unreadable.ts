/** Codes that one object gives when it is lost, damaged or newer: what else goes wrong is not about that object. */
export const unreadable = [
  'repository.corrupt',
  'repository.newer-format',
  'storage.not-found',
  'storage.truncated',
] as const;
