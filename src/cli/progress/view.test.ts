import * as fc from 'fast-check';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { displayWidth } from '../output/text.ts';
import { createProgressModel } from './model.ts';
import { renderProgress } from './view.ts';

function run(events: readonly HoldfastEvent[], now: number, width = 100, height = 40): string[] {
  const model = createProgressModel('snapshot');
  for (const event of events) model.fold(event, 0);
  const colors = pc.createColors(false);
  return renderProgress(model.snapshot(), { width, height, now, bytesPerSecond: 0, colors });
}

function source(name: string, found: number, done: number): HoldfastEvent[] {
  const events: HoldfastEvent[] = [
    { type: 'source.started', source: name },
    { type: 'source.found', source: name, resources: found },
  ];
  for (let i = 0; i < done; i++) {
    const resource = `${name}/${i}`;
    events.push({ type: 'resource.started', source: name, resource });
    events.push({ type: 'resource.progress', source: name, resource, entries: 10, reused: 1, bytes: 1024 });
    events.push({ type: 'resource.progress', source: name, resource, entries: 20, reused: 2, bytes: 2048 });
    events.push({ type: 'resource.finished', source: name, resource, outcome: 'ok' });
  }
  return events;
}

test('a source shows found, done, entries, bytes and what is left', () => {
  const [headline, line] = run(source('s3-buckets', 4, 3), 30_000);
  expect(headline).toBe('snapshot  0:30  60 entries  6.0 KiB');
  expect(line).toBe('  s3-buckets  ━━━━━━━━━━━━────  3/4  60 entries  6.0 KiB  ETA 0:10');
});

test('counts of a running resource are not added up: each event says all so far', () => {
  const lines = run(
    [
      { type: 'resource.progress', source: 'tools', resource: 'local/tools', entries: 5, reused: 0, bytes: 100 },
      { type: 'resource.progress', source: 'tools', resource: 'local/tools', entries: 7, reused: 0, bytes: 150 },
    ],
    1000,
  );
  expect(lines[0]).toContain('7 entries  150 B');
});

test('a failed resource counts as done and is told in the headline', () => {
  const lines = run(
    [
      ...source('iam', 2, 1),
      {
        type: 'item.failed',
        source: 'iam',
        resource: 'iam/x',
        error: { code: 'item.denied', message: 'no', hint: '' },
      },
      { type: 'resource.finished', source: 'iam', resource: 'iam/x', outcome: 'failed' },
      { type: 'source.finished', source: 'iam', outcome: 'partial' },
    ],
    1000,
  );
  expect(lines[0]).toContain('1 failure');
  expect(lines[1]).toMatch(/2\/2 .*partial, 1 failed$/);
});

test('no line is wider than the terminal, and the view leaves half of it', () => {
  const name = fc.string({ minLength: 1, maxLength: 60, unit: 'binary' });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, fc.nat(1e9), fc.nat(5)), { selector: ([n]) => n, maxLength: 30 }),
      fc.integer({ min: 20, max: 160 }),
      fc.integer({ min: 4, max: 60 }),
      (sources, width, height) => {
        const lines = run(
          sources.flatMap(([n, found, done]) => source(n, found, done)),
          60_000,
          width,
          height,
        );
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.length).toBeLessThanOrEqual(Math.max(3, Math.floor(height / 2) + 1));
        expect(lines.join('')).not.toContain('\u001b');
      },
    ),
  );
});
