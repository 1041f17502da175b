import { randomBytes } from 'node:crypto';
import { holdfastProgram } from './command.ts';
import { createNarrative, type Narrative } from './narrative.ts';
import { buildStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface QuickstartOptions {
  /** Leaves the emulators, the repository and the configuration, and says how to go on with them. */
  readonly keep: boolean;
}

/** Snapshot a whole estate, lose a piece of it, get it back; the exit status. Leaves nothing running, however it ends. */
export async function runQuickstart({ keep }: QuickstartOptions): Promise<number> {
  const startedAt = performance.now();
  const colours = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  const narrative = createNarrative((text) => process.stdout.write(text), colours);
  const interrupted = listenForSignals();
  let stage: Stage | undefined;
  let status = 1;
  try {
    stage = await buildStage(randomBytes(12).toString('base64url'));
    interrupted.signal.throwIfAborted();
    const whole = await tellStory({ stage, narrative, signal: interrupted.signal });
    status = whole ? 0 : 1;
    narrative.say('');
    narrative.took('the whole quickstart', performance.now() - startedAt);
  } catch (error) {
    if (interrupted.status() === undefined) narrative.bad(error instanceof Error ? error.message : String(error));
    else narrative.bad('interrupted');
  } finally {
    interrupted.stop();
    if (stage !== undefined && keep && interrupted.status() === undefined) leave(stage, narrative);
    else await stage?.clear();
  }
  return interrupted.status() ?? status;
}

interface Interruption {
  readonly signal: AbortSignal;
  /** Exit status a shell gives to the signal that came; undefined while none did. */
  status(): number | undefined;
  stop(): void;
}

/** The first signal lets the story end in order; the second one is the operating system's again. */
function listenForSignals(): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  const names = Object.keys(signalNumbers) as (keyof typeof signalNumbers)[];
  const listener = (name: NodeJS.Signals): void => {
    status = 128 + signalNumbers[name as keyof typeof signalNumbers];
    controller.abort(new Error(`interrupted by ${name}`));
  };
  for (const name of names) process.once(name, listener);
  return {
    signal: controller.signal,
    status: () => status,
    stop: () => {
      for (const name of names) process.removeListener(name, listener);
    },
  };
}

function leave(stage: Stage, narrative: Narrative): void {
  for (const emulator of stage.emulators) emulator.keep();
  narrative.chapter('Go on by hand');
  narrative.say(
    `cd ${stage.folder}`,
    `alias holdfast='${process.execPath} ${holdfastProgram}'`,
    ...Object.entries(stage.exports).map(([name, value]) => `export ${name}='${value}'`),
    '',
    'The emulators run until they are ended, and the folder stays until it is removed:',
    `kill ${stage.emulators.map(({ pid }) => pid).join(' ')}; rm -r ${stage.folder}`,
  );
}
