import { describe, expect, it } from 'vitest';
import { keepInCorpus, readCorpus } from './corpus.ts';
import { probe, vary } from './engine.ts';
import { createRandom } from './random.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

// `npm run test:fuzz -- SECONDS` sets both: other numbers each time, and what is new goes into the corpus.
const seconds = Number(process.env['HOLDFAST_FUZZ_SECONDS'] ?? 0);
const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? 1);
const casesInSuite = 120;

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, target) => {
  it('takes every sample of its own', () => {
    for (const sample of target.samples)
      expect(probe(target, sample)).toMatchObject({ shape: expect.stringMatching(/^read /) as string });
  });

  it(
    'says repository.corrupt to whatever it cannot read, and gives back what it reads',
    { timeout: 60_000 + seconds * 10_000 },
    async () => {
      const corpus = await readCorpus(name);
      const known = new Set<string>();
      for (const bytes of corpus) known.add(check(target, bytes));
      const random = createRandom(seed);
      const pool = [...target.samples, ...corpus];
      const until = process.cpuUsage().user + (seconds * 1e6) / targets.length;
      let cases = 0;
      while (seconds > 0 ? process.cpuUsage().user < until : cases < casesInSuite / (target.slow ? 8 : 1)) {
        const bytes = vary(target, pool, random);
        const shape = check(target, bytes);
        cases++;
        if (known.has(shape)) continue;
        known.add(shape);
        pool.push(bytes);
        if (seconds > 0) await keepInCorpus(name, bytes);
      }
      if (seconds > 0) console.log(`${name}: ${cases} cases, ${known.size} kinds of answer`);
    },
  );
});

function check(target: Target, bytes: Uint8Array): string {
  const { shape, fault } = probe(target, bytes);
  if (fault !== undefined)
    throw new Error(`${target.name}: ${fault}\n  input: ${Buffer.from(bytes).toString('hex').slice(0, 4000)}`);
  return shape;
}
