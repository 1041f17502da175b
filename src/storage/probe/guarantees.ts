import type { Finding } from './contract.ts';

/** The promises that are tried under load, and what a store that breaks them does to backups. */
const guarantees = {
  'conditional create':
    'Two writers can hold the same lease or replace each other’s snapshots: never let two run at a time.',
  'write-once':
    'A later writer can overwrite a snapshot, a key or an index: one faulty or hostile machine destroys them.',
  'read after write': 'A snapshot can be committed before what it needs can be read, and reported as damaged.',
  'list after write':
    'Snapshots, indexes and leases are found by listing: what is not listed is not there for the others.',
  delete: 'Deleted snapshots, leases and packs come back; space is not freed.',
  durability: 'What was stored is gone later: snapshots on this store are lost without a word.',
  answers: 'Commands fail or take long; look for limits on requests, quotas and network errors.',
} as const;
export type Guarantee = keyof typeof guarantees;

/** Counts how often each promise was tried and broken; keeps the first example. */
export interface Ledger {
  tried(guarantee: Guarantee): void;
  broken(guarantee: Guarantee, example: string): void;
  findings(): Finding[];
}

/** Errors of requests beside all requests that are still called well. */
const tolerated = 0.001;

export function createLedger(): Ledger {
  const counts = new Map<Guarantee, { tried: number; broken: number; example: string }>();
  function of(guarantee: Guarantee): { tried: number; broken: number; example: string } {
    const known = counts.get(guarantee) ?? { tried: 0, broken: 0, example: '' };
    counts.set(guarantee, known);
    return known;
  }
  return {
    tried(guarantee) {
      of(guarantee).tried++;
    },
    broken(guarantee, example) {
      const count = of(guarantee);
      if (count.broken++ === 0) count.example = example;
    },
    findings: () =>
      (Object.keys(guarantees) as Guarantee[]).map((name) => {
        const { tried, broken, example } = of(name);
        if (tried === 0 && broken === 0)
          return { name, outcome: 'warn', said: 'not tried', consequence: 'Run longer.' };
        if (broken === 0) return { name, outcome: 'ok', said: `held ${tried} times` };
        const said = `broken ${broken} of ${tried} times; first: ${example}`;
        const outcome = name !== 'answers' ? 'fail' : broken / tried > tolerated ? 'warn' : 'ok';
        return { name, outcome, said, consequence: guarantees[name] };
      }),
  };
}
