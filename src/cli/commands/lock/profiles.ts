/** Who works with the store: each has credentials of its own, and none can do what another is there for. */
export const profiles = ['writer', 'reader', 'keeper', 'pruner', 'bucket'] as const;
export type Profile = (typeof profiles)[number];
