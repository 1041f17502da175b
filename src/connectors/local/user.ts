import type { Facts } from './facts.ts';

/** Whoever runs Holdfast: root may give files away, others only to groups they are in. */
export interface User {
  readonly uid: number;
  readonly groups: readonly number[];
  readonly isRoot: boolean;
}

export function currentUser(): User {
  const uid = process.geteuid?.() ?? 0;
  const groups = [...(process.getgroups?.() ?? []), process.getegid?.() ?? 0];
  return { uid, groups, isRoot: uid === 0 };
}

/** The owner a restore can and should set; fields are absent where it stays as it comes. */
export function restorableOwner(facts: Facts, user: User): { readonly uid?: number; readonly gid?: number } {
  if (facts.uid === undefined || facts.gid === undefined) return {};
  if (user.isRoot) return { uid: facts.uid, gid: facts.gid };
  return facts.uid === user.uid && user.groups.includes(facts.gid) ? { gid: facts.gid } : {};
}

/** True when the owner in the snapshot will not be the owner on disk. */
export function losesOwner(facts: Facts, user: User): boolean {
  if (user.isRoot || facts.uid === undefined || facts.gid === undefined) return false;
  return facts.uid !== user.uid || !user.groups.includes(facts.gid);
}

/** Permission bits to set. Set-id bits only go with the owner they were meant for: otherwise they would lend out the restorer's rights. */
export function restorableMode(facts: Facts, user: User): number | undefined {
  if (facts.mode === undefined) return undefined;
  return losesOwner(facts, user) ? facts.mode & 0o1777 : facts.mode;
}
