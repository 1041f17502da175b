import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HoldfastEvent } from '../../kernel/events.ts';
import { createOutput, type Output } from '../output/output.ts';
import { createTerminalProgress, type Progress, type ProgressTerminal } from './terminal.ts';

const escape = String.fromCharCode(27);
const pieces = new RegExp(`${escape}\\[(\\d*)([A-Za-z])|\\r|\\n|[^${escape}\\r\\n]+`, 'g');

interface Screen extends ProgressTerminal {
  columns: number;
  rows: number;
  readonly writes: () => number;
  /** What a person sees, without the empty lines at the end. */
  readonly shown: () => string[];
  readonly resize: (columns: number) => void;
}

/** A terminal that knows what the view uses: line feeds, cursor up, clear line, wrapping (and wrapping anew on resize). */
function createScreen(): Screen {
  const emitter = new EventEmitter();
  let lines: { text: string; wrapped: boolean }[] = [{ text: '', wrapped: false }];
  let row = 0;
  let writes = 0;
  const at = (index: number): { text: string; wrapped: boolean } => (lines[index] ??= { text: '', wrapped: false });
  function next(wrapped: boolean): void {
    row++;
    at(row).wrapped = wrapped;
  }
  function print(text: string): void {
    for (let from = 0; from < text.length; from += screen.columns) {
      if (from > 0) next(true);
      at(row).text = text.slice(from, from + screen.columns);
    }
  }
  const screen: Screen = {
    columns: 60,
    rows: 24,
    write(text) {
      writes++;
      for (const [whole, count, command] of text.matchAll(pieces)) {
        if (command === 'A') row = Math.max(0, row - Number(count));
        else if (command === 'K') lines[row] = { text: '', wrapped: false };
        else if (whole === '\n') next(false);
        else if (command === undefined && whole !== '\r') print(whole);
      }
    },
    on: (event, listener) => emitter.on(event, listener),
    off: (event, listener) => emitter.off(event, listener),
    writes: () => writes,
    shown() {
      const texts = lines.map((line) => line.text);
      while (texts.at(-1) === '') texts.pop();
      return texts;
    },
    resize(columns) {
      const whole: string[] = [];
      for (const line of lines.slice(0, row)) {
        if (line.wrapped) whole[whole.length - 1] += line.text;
        else whole.push(line.text);
      }
      screen.columns = columns;
      lines = [{ text: '', wrapped: false }];
      row = 0;
      for (const text of whole) {
        print(text);
        next(false);
      }
      emitter.emit('resize');
    },
  };
  return screen;
}

let screen: Screen;
let output: Output;
let progress: Progress;

beforeEach(() => {
  vi.useFakeTimers();
  screen = createScreen();
  const settings = { stdout: new PassThrough(), stderr: new PassThrough(), env: {}, format: 'text' as const };
  output = createOutput({ ...settings, quiet: false, verbose: false, color: false });
  progress = createTerminalProgress('snapshot', screen, output, { now: () => Date.now() });
});
afterEach(() => {
  progress.close();
  vi.useRealTimers();
});

function captured(resource: string): HoldfastEvent {
  return { type: 'resource.progress', source: 'tools', resource, entries: 1, reused: 0, bytes: 10 };
}

test('a thousand events in a second are at most ten frames', () => {
  for (let i = 0; i < 1000; i++) {
    progress.events(captured(`local/${i}`));
    vi.advanceTimersByTime(1);
  }
  expect(screen.writes()).toBeLessThanOrEqual(11);
  expect(screen.shown()).toHaveLength(2);
});

test('failures stay above the view, and nothing of the view is left at the end', () => {
  const error = { code: 'item.denied', message: 'GetFunction of api failed: AccessDenied', hint: '' } as const;
  progress.events(captured('local/a'));
  vi.advanceTimersByTime(200);
  progress.events({ type: 'item.failed', source: 'tools', resource: 'api', error });
  vi.advanceTimersByTime(200);
  expect(screen.shown()[0]).toBe('failed: GetFunction of api failed: AccessDenied [item.denied');
  expect(screen.shown().at(-2)).toMatch(/^snapshot {2}0:00 {2}1 failure/);
  progress.close();
  expect(screen.shown()).toEqual(['failed: GetFunction of api failed: AccessDenied [item.denied', ']']);
});

test('what is said while it runs stands above it', () => {
  progress.events(captured('local/a'));
  vi.advanceTimersByTime(200);
  output.say('Stopping; what is done is kept.');
  expect(screen.shown()[0]).toBe('Stopping; what is done is kept.');
  expect(screen.shown()).toHaveLength(3);
});

test('a terminal that became narrower is cleared by the rows that the frame now takes', () => {
  progress.events(captured('local/a'));
  progress.events({ type: 'source.found', source: 'tools', resources: 5 });
  vi.advanceTimersByTime(200);
  for (const columns of [24, 21, 90, 22, 60]) {
    screen.resize(columns);
    progress.events(captured('local/a'));
    vi.advanceTimersByTime(200);
    expect(screen.shown()).toHaveLength(2);
    expect(screen.shown().every((line) => line.length <= columns)).toBe(true);
  }
  progress.close();
  expect(screen.shown()).toEqual([]);
});

test('a paused view is off the screen until the next event', () => {
  progress.events(captured('local/a'));
  vi.advanceTimersByTime(200);
  progress.pause();
  vi.advanceTimersByTime(5000);
  expect(screen.shown()).toEqual([]);
  progress.events(captured('local/b'));
  vi.advanceTimersByTime(200);
  expect(screen.shown()).toHaveLength(2);
});

test('data for the same terminal does not collide with the view', async () => {
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
  stdout.on('data', (bytes: Buffer) => screen.write(bytes.toString()));
  const settings = { stdout, stderr: new PassThrough(), env: {}, format: 'text' as const };
  output = createOutput({ ...settings, quiet: false, verbose: false, color: false });
  progress.close();
  progress = createTerminalProgress('snapshot', screen, output, { now: () => Date.now() });
  progress.events(captured('local/a'));
  vi.advanceTimersByTime(200);
  await output.lines(['COMPONENT', 'tools']);
  vi.advanceTimersByTime(2000);
  progress.close();
  expect(screen.shown()).toEqual(['COMPONENT', 'tools']);
});

test('many failures do not flood the terminal: the rest are counted', () => {
  const error = { code: 'item.throttled', message: 'slow down', hint: '' } as const;
  for (let i = 0; i < 500; i++) progress.events({ type: 'item.failed', source: 'tools', resource: `r${i}`, error });
  vi.advanceTimersByTime(200);
  expect(screen.shown().length).toBeLessThan(50);
  expect(screen.shown().some((line) => line.includes('500 failures'))).toBe(true);
});
