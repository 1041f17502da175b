import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtCli } from '../../cli/run-cli.ts';
import { runQuickstart } from './main.ts';

const temporaryBefore = process.env['TMPDIR'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-test-'));
  process.env['TMPDIR'] = folder;
});
afterEach(async () => {
  if (temporaryBefore === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporaryBefore;
  await rm(folder, { recursive: true });
});

async function isGone(endpoint: string): Promise<boolean> {
  return await fetch(endpoint).then(
    () => false,
    () => true,
  );
}

describe('the quickstart', () => {
  const common = { keep: false, colours: false };
  it('takes a small estate from the snapshot through the disaster and back, and shows no secret on the way', async () => {
    let said = '';
    const write = (text: string): void => void (said += text);
    const signals = new EventEmitter();
    const program = await builtCli();
    const status = await runQuickstart({ ...common, program, size: 'small', signals, write, capture: write });
    expect(said).toContain('compared with before the disaster: all equal');
    expect(said).toContain('the live estate equals snapshot');
    expect(said).not.toContain('SEEDED-SECRET');
    expect(status).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  }, 240_000);

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('ends in order after %s: no emulator, no file, exit status %i', async (name, status) => {
    const signals = new EventEmitter();
    let said = '';
    const write = (text: string): void => {
      said += text;
      // In the middle of the seeding.
      if (text.includes('a folder of local tools')) setTimeout(() => signals.emit(name), 300);
    };
    expect(await runQuickstart({ ...common, program: 'never run', size: 'full', signals, write })).toBe(status);
    expect(said).toContain(`interrupted by ${name}`);
    const endpoints = said.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
    expect(endpoints).toHaveLength(3);
    for (const endpoint of endpoints) expect(await isGone(endpoint)).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    expect(signals.eventNames()).toEqual([]);
  });
});
