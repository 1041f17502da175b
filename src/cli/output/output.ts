import type { Writable } from 'node:stream';
import { colorsFor, type Colors } from './colors.ts';

/** Thrown into a command whose reader has gone (`holdfast ls … | head`): the command ends, and that is a success. */
export class ReaderGone extends Error {}

export type OutputFormat = 'text' | 'json' | 'json-lines';

/** What is drawn at the bottom of the terminal while a command runs. */
export interface View {
  /** Writes a line above itself. */
  above(text: string): void;
  /** Takes itself off the screen: data for stdout is about to be written where it stands. */
  pause(): void;
}

/** The two streams. Data goes to stdout through `data` and friends, all else to stderr through `say`. */
export interface Output {
  readonly format: OutputFormat;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Columns of the terminal behind stdout; infinite when there is none. */
  readonly width: number;
  readonly colors: Colors;
  readonly errorColors: Colors;
  /** Writes and waits until the reader keeps up. Throws ReaderGone. */
  data(bytes: string | Uint8Array): Promise<void>;
  lines(lines: readonly string[]): Promise<void>;
  /** The one document of --json, or the last line of --json-lines: `{"schema":1,"type":"result","result":…}`. */
  document(document: object): Promise<void>;
  /** One line of --json-lines; never fails, so that a run goes on when nobody reads its events any more. */
  jsonLine(line: object): void;
  /** For people, on stderr. Not printed with --quiet. */
  say(line: string): void;
  /** On stderr, also with --quiet. */
  alert(line: string): void;
  /** Puts the progress view between this and the terminal; undefined takes it out again. */
  divert(view: View | undefined): void;
}

export interface OutputSettings {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
  readonly format: OutputFormat;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  /** Called when nobody reads stdout or stderr any more. */
  readonly onReaderGone?: () => void;
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}

export function createOutput(settings: OutputSettings): Output {
  const { stdout, stderr, onReaderGone } = settings;
  // Set once stdout has failed: ReaderGone where nobody reads any more, otherwise what went wrong (a full disk).
  let broken: Error | undefined;
  let view: View | undefined;
  const fail = (error: NodeJS.ErrnoException): Error => {
    broken ??= isReaderGone(error) ? new ReaderGone() : error;
    return broken;
  };
  stdout.on('error', (error) => {
    if (fail(error) instanceof ReaderGone) onReaderGone?.();
  });
  // A full disk behind stderr leaves nobody to tell; the exit status still says how it went.
  stderr.on('error', (error) => {
    if (isReaderGone(error)) onReaderGone?.();
  });

  async function data(bytes: string | Uint8Array): Promise<void> {
    if (broken) throw broken;
    if (stdout.isTTY) view?.pause();
    await new Promise<void>((resolve, reject) => {
      stdout.write(bytes, (error) => (error ? reject(fail(error)) : resolve()));
    });
  }
  function tell(line: string): void {
    if (view) view.above(`${line}\n`);
    else stderr.write(`${line}\n`);
  }
  return {
    format: settings.format,
    quiet: settings.quiet,
    verbose: settings.verbose,
    width: stdout.isTTY ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY,
    colors: colorsFor(stdout, settings.env, settings.color),
    errorColors: colorsFor(stderr, settings.env, settings.color),
    data,
    lines: (lines) => (lines.length === 0 ? Promise.resolve() : data(`${lines.join('\n')}\n`)),
    document: (document) =>
      settings.format === 'json-lines'
        ? data(`${JSON.stringify({ schema: 1, type: 'result', result: document })}\n`)
        : data(`${JSON.stringify(document, undefined, 2)}\n`),
    jsonLine(line) {
      if (broken) return;
      if (stdout.isTTY) view?.pause();
      stdout.write(`${JSON.stringify({ schema: 1, ...line })}\n`);
    },
    say(line) {
      if (!settings.quiet) tell(line);
    },
    alert: tell,
    divert(next) {
      view = next;
    },
  };
}
