import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { playRound } from './round.ts';

/**
 * `npm run test:concurrency` plays for two minutes, from a seed it prints; HOLDFAST_SEED=… plays the round of that seed, and
 * is how a failure, whose message begins with its seed, comes back. Without either: rounds that are always the same.
 */
const seconds = Number(process.env['HOLDFAST_CONCURRENCY_SECONDS'] ?? 0);
const given = process.env['HOLDFAST_SEED'];

it('sixteen workers at once lose nothing, and leave no garbage', { timeout: (seconds + 300) * 1000 }, async () => {
  const first = Number(given ?? (seconds > 0 ? randomInt(1_000_000) : 1));
  const endsAt = performance.now() + (seconds > 0 ? seconds : 5) * 1000;
  const totals: Record<string, number> = {};
  let rounds = 0;
  do {
    const { counts } = await playRound(String(first + rounds));
    for (const [what, count] of Object.entries(counts)) totals[what] = (totals[what] ?? 0) + count;
    rounds++;
  } while (given === undefined && performance.now() < endsAt);
  if (seconds > 0) console.log(`${rounds} rounds from seed ${first}`, totals);
  for (const what of ['committed', 'restored', 'copied', 'forgotten', 'swept packs', 'deaths', 'freezes'])
    expect(totals[what], what).toBeGreaterThan(0);
});
