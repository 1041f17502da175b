import type { Readable, Writable } from 'node:stream';
import type { EventSink } from '../kernel/events.ts';
import type { Runtime } from '../kernel/runtime.ts';
import type { GlobalOptions } from './globals.ts';
import type { Output } from './output/output.ts';

/** What a command runs with. */
export interface CommandContext {
  readonly globals: GlobalOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly runtime: Runtime;
  readonly output: Output;
  readonly events: EventSink;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Set where a person can be asked: stdin and stderr are terminals. Takes the progress view off the screen. */
  readonly ask: (() => { readonly input: Readable; readonly output: Writable }) | undefined;
  /** Runs when the command is over, in reverse order, also after an error. */
  onClose(task: () => Promise<void> | void): void;
}

/** An exit status of the published table. */
export type Exit = 0 | 1 | 2 | 3 | 4 | 5 | 130;

export interface CommandSettings {
  /** Word in the progress view. */
  readonly verb: string;
  /** What to do after an interruption. */
  readonly afterInterrupt?: string;
  /** A capture goes on to its end when nobody reads its output any more: a backup must not fail with a log. All else stops. */
  readonly outlivesReader?: true;
}
