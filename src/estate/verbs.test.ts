import { expect, it } from 'vitest';
import { list, show } from './browse.ts';
import type { EstateVerbs } from './contract.ts';
import { diffSnapshots } from './diff.ts';
import { discoverEstate } from './discover.ts';
import { findDrift } from './drift.ts';
import { readLedger } from './ledger.ts';
import { buildManifest, renderManifest } from './manifest.ts';
import { applyRestore } from './restore-apply.ts';
import { planRestore } from './restore-plan.ts';
import { takeSnapshot } from './snapshot.ts';

it("every verb of the contract is there, with the contract's signature", () => {
  const verbs: EstateVerbs = {
    discoverEstate,
    takeSnapshot,
    buildManifest,
    renderManifest,
    planRestore,
    applyRestore,
    findDrift,
    diffSnapshots,
    readLedger,
    list,
    show,
  };
  for (const verb of Object.values(verbs)) expect(verb).toBeTypeOf('function');
});
