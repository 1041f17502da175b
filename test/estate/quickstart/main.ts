import { randomBytes } from 'node:crypto';
import type { EstateSize } from '../index.ts';
import { listenForSignals, unlessInterrupted, type SignalSource } from './interruption.ts';
import { createNarrative, type Narrative } from './narrative.ts';
import { buildStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';

export interface QuickstartOptions {
  /** The compiled command line: `dist/cli/main.js`. */
  readonly program: string;
  /** Leaves the emulators, the repository and the configuration, and says how to go on with them. */
  readonly keep: boolean;
  readonly signals: SignalSource;
  readonly colours: boolean;
  readonly write: (text: string) => void;
  readonly size: EstateSize;
  /** Where the output of the commands goes; absent: to this process's own terminal, with its live progress. */
  readonly capture?: (text: string) => void;
}

/** Snapshot a whole estate, lose a piece of it, get it back; the exit status. Leaves nothing running, however it ends. */
export async function runQuickstart(options: QuickstartOptions): Promise<number> {
  const { program, keep, signals, colours, write, size, capture } = options;
  const startedAt = performance.now();
  const narrative = createNarrative(write, colours);
  const interruption = listenForSignals(signals);
  let stage: Stage | undefined;
  let story: Promise<boolean> | undefined;
  let whole = false;
  try {
    stage = await buildStage(randomBytes(12).toString('base64url'));
    story = tellStory({
      program,
      stage,
      narrative,
      size,
      signal: interruption.signal,
      ...(capture ? { capture } : {}),
    });
    whole = await unlessInterrupted(story, interruption.signal);
    narrative.say('');
    if (whole) narrative.good('Snapshot, disaster, restore, proof: the estate is what it was.');
    narrative.took('the whole quickstart', performance.now() - startedAt);
  } catch (error) {
    narrative.bad(error instanceof Error ? error.message : String(error));
  }
  if (stage !== undefined && keep && interruption.status() === undefined) leave(stage, program, narrative);
  else if (stage !== undefined) {
    // What an interrupted story still does fails as soon as there is no emulator; the folder is its to the end.
    await stage.stopEmulators();
    await Promise.allSettled([story]);
    await stage.removeFolder();
  }
  interruption.stop();
  return interruption.status() ?? (whole ? 0 : 1);
}

function leave(stage: Stage, program: string, narrative: Narrative): void {
  for (const emulator of stage.emulators) emulator.keep();
  narrative.chapter('Go on by hand');
  narrative.say(
    `cd ${stage.folder}`,
    `alias holdfast='${process.execPath} ${program}'`,
    ...Object.entries(stage.exports).map(([name, value]) => `export ${name}='${value}'`),
    '',
    'The emulators run until they are ended, and the folder stays until it is removed:',
    `kill ${stage.emulators.map(({ pid }) => pid).join(' ')}; rm -r ${stage.folder}`,
  );
}
