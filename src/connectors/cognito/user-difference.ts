import { createHash } from 'node:crypto';
import type { CapturedEntry } from '../../kernel/entry.ts';
import { compactJson, type Json } from '../../kernel/json.ts';
import { asBuffer, displayBytes } from '../../kernel/bytes.ts';
import type { RestoreContext } from '../contract.ts';
import { addressAt, type Target } from '../documents/target.ts';
import type { Facts } from '../documents/said.ts';
import type { Cognito } from './calls.ts';
import { groups } from './parts.ts';
import { files } from './pool.ts';
import {
  isFederated,
  keyOf,
  listMembers,
  listUsers,
  membersCollection,
  settable,
  usersCollection,
  type UserRow,
} from './users.ts';

export type Options = Record<string, never>;
export type PoolTarget = Target<Cognito, Options>;

/** A user that should be another, or is not there (`live` undefined). */
export interface UserChange {
  readonly key: string;
  readonly wanted: UserRow;
  readonly live?: { readonly username: string; readonly names: readonly string[] };
}

export interface UserDifference {
  readonly missing: UserChange[];
  readonly changed: UserChange[];
  /** Names of users that the snapshot does not have. */
  readonly extra: string[];
}

function isWanted({ only }: RestoreContext<Options>, collection: string): boolean {
  return only === undefined || only.collection === collection;
}

async function* captured(
  { scene, captured: resource }: PoolTarget,
  collection: string,
): AsyncGenerator<{ key: string; entry: CapturedEntry }> {
  if (!isWanted(scene, collection) || !resource.collections.includes(collection)) return;
  const range = scene.only ? { prefix: scene.only.prefix } : {};
  for await (const entry of resource.entries(collection, range)) yield { key: displayBytes(entry.key), entry };
}

/**
 * Compares users of the snapshot with those of the pool. Of the pool's a digest each is held (some hundred bytes), because
 * Cognito lists them in an order of its own.
 */
export async function userDifference(target: PoolTarget): Promise<UserDifference> {
  const { scene, captured: resource, documents, id } = target;
  const pool = documents.get(files.pool) as unknown as Facts;
  const difference: UserDifference = { missing: [], changed: [], extra: [] };
  if (!isWanted(scene, usersCollection)) return difference;
  const live = new Map<
    string,
    { readonly username: string; readonly digest: string; readonly names: readonly string[] }
  >();
  if (id !== undefined)
    for await (const row of listUsers(scene, addressAt(target, id)))
      if (!isFederated(row))
        live.set(keyOf(row, pool), {
          username: row.username,
          digest: digestOf(row),
          names: Object.keys(settable(row)),
        });
  for await (const { key, entry } of captured(target, usersCollection)) {
    const text = asBuffer(await resource.bytes(entry)).toString('utf8');
    const wanted = scene.rewrite(JSON.parse(text) as Json) as unknown as UserRow;
    const there = live.get(key);
    live.delete(key);
    if (isFederated(wanted)) continue;
    if (there === undefined) difference.missing.push({ key, wanted });
    else if (there.digest !== digestOf(wanted)) difference.changed.push({ key, wanted, live: there });
  }
  if (scene.only === undefined) difference.extra.push(...[...live.values()].map(({ username }) => username));
  return difference;
}

function digestOf(row: UserRow): string {
  const facts = compactJson({ enabled: row.enabled, attributes: settable(row) });
  return createHash('sha256').update(facts).digest('base64');
}

export interface Membership {
  readonly group: string;
  readonly user: string;
}

interface MemberRow extends Membership {
  readonly isFederated?: boolean;
}

/** Who should be in which group, and is not; and who is and should not be. */
export async function memberDifference(target: PoolTarget): Promise<{ missing: Membership[]; extra: Membership[] }> {
  const { scene, captured: resource, documents, id } = target;
  const pool = documents.get(files.pool) as unknown as Facts;
  const missing: Membership[] = [];
  if (!isWanted(scene, membersCollection)) return { missing, extra: [] };
  const live = new Map<string, Membership>();
  if (id !== undefined) {
    const address = addressAt(target, id);
    for (const group of Object.keys(((await groups.read(scene, address)) ?? {}) as object))
      for await (const row of listMembers(scene, address, group))
        live.set(`${group}/${keyOf(row, pool)}`, { group, user: row.username });
  }
  for await (const { key, entry } of captured(target, membersCollection)) {
    if (live.delete(key)) continue;
    const row = JSON.parse(asBuffer(await resource.bytes(entry)).toString('utf8')) as MemberRow;
    if (row.isFederated !== true) missing.push({ group: row.group, user: row.user });
  }
  return { missing, extra: scene.only === undefined ? [...live.values()] : [] };
}
