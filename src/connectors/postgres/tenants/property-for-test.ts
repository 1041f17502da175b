import { assert, asyncProperty, constantFrom } from 'fast-check';
import { expect } from 'vitest';
import type { PostgresServer } from '../../../../test/servers/index.ts';
import type { MemoryResource } from '../../conformance-memory.ts';
import type { RestoreMode } from '../../contract.ts';
import { heldUndo } from '../../undo-for-test.ts';
import { sql } from '../database-for-test.ts';
import { damages, doDamage, type Damage } from './damage-for-test.ts';
import { othersState, promised, restoreTenant, sorted, tenantContext, tenantState } from './world-for-test.ts';

const modes: readonly RestoreMode[] = ['create-missing', 'revert-changed', 'exact'];

export interface PropertySettings {
  readonly server: PostgresServer;
  /** A database that was captured, and is copied for each run. */
  readonly template: string;
  readonly captured: MemoryResource;
  readonly tenants: readonly string[];
  readonly runs: number;
  readonly seed?: number;
}

/** Whatever is done to a tenant's rows: each mode brings back what it promises, nothing of anybody else changes, and it can be taken back. A failure prints its seed. */
export async function holdsForAnyDamage(settings: PropertySettings): Promise<void> {
  const { tenants, runs, seed = Date.now() % 2 ** 31 } = settings;
  let number = 0;
  await assert(
    asyncProperty(constantFrom(...modes), constantFrom(...tenants), damages, async (mode, tenant, list) => {
      await once(settings, `run_${settings.template}_${number++}`, mode, tenant, list);
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
}

async function once(
  { server, template, captured }: PropertySettings,
  name: string,
  mode: RestoreMode,
  tenant: string,
  list: readonly Damage[],
): Promise<void> {
  await sql(server.url(), `create database ${name} template ${template}`);
  const url = server.url(name);
  const before = await tenantState(url, tenant);
  const others = await othersState(url, tenant);
  await doDamage(url, tenant, list);
  const damaged = await tenantState(url, tenant);
  expect(await othersState(url, tenant)).toEqual(others);
  const undo = heldUndo();
  const { outcome } = await restoreTenant({ ...tenantContext(server, url, tenant, mode), undo }, captured);
  const wanted = sorted(promised(mode, before, damaged));
  // What has no key is written in mode exact only; everything else never fails.
  const failed = (outcome?.failures ?? []).filter(({ message }) => !message.includes('without a key'));
  expect(failed.map(({ message }) => message)).toEqual([]);
  expect(sorted(await tenantState(url, tenant))).toEqual(wanted);
  expect(await othersState(url, tenant)).toEqual(others);
  // And what it wrote before it began takes all of it back.
  await sql(url, undo.text('.sql'));
  expect(sorted(await tenantState(url, tenant))).toEqual(sorted(damaged));
  expect(await othersState(url, tenant)).toEqual(others);
  await sql(server.url(), `drop database ${name}`);
}
