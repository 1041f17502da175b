import type { z } from 'zod';
import { millisecondsOf, type barrier, type barriersGrammar, type call, type lockModes } from './barriers-grammar.ts';
import type { Environment } from './references.ts';

/** One barrier. Times are in ms. */
export interface BarrierConfig {
  readonly name: string;
  /** Names of the sources that are to begin while it is held. */
  readonly sources: readonly string[];
  readonly how: HoldConfig;
  /** How long holding, and releasing, may take. */
  readonly timeout: number;
  /** How long it is held at most. */
  readonly maxHold: number;
  /** Without it nothing is captured. */
  readonly required: boolean;
  /** Until when sources are waited for that have no instant of their own: until they have begun, or are captured. */
  readonly until: 'begun' | 'captured';
  /** Values of references: never shown. */
  readonly secrets: readonly string[];
}

export type HoldConfig = CommandHold | ProcessHold | HttpHold | PostgresHold;

/** Two programs: the first returns once it is held, the second lets go. */
export interface CommandHold {
  readonly kind: 'command';
  readonly hold: readonly string[];
  readonly release: readonly string[];
  /** All that the programs see of the environment. */
  readonly env: Environment;
}

/** A program that holds as long as its standard input is open. */
export interface ProcessHold {
  readonly kind: 'process';
  readonly run: readonly string[];
  /** The line that says that it is held; absent: the first one. */
  readonly held?: string;
  readonly env: Environment;
}

export interface HttpHold {
  readonly kind: 'http';
  readonly hold: HttpCall;
  readonly release: HttpCall;
}

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A transaction in each database, in this order; all are rolled back. */
export interface PostgresHold {
  readonly kind: 'postgres';
  readonly databases: readonly PostgresLocks[];
}

export interface PostgresLocks {
  readonly url: string;
  readonly advisoryLock?: number;
  /** `schema.table` */
  readonly tables: readonly string[];
  readonly mode: (typeof lockModes)[number];
  readonly statements: readonly string[];
}

const defaultTimeoutMs = 10_000;
const defaultHoldMs = 30_000;

export function barriersOf(
  written: z.output<typeof barriersGrammar>,
  env: Environment,
  secrets: readonly string[],
): Readonly<Record<string, BarrierConfig>> {
  return Object.fromEntries(
    Object.entries(written).map(([name, one]): [string, BarrierConfig] => [
      name,
      {
        name,
        sources: one.sources,
        how: holdOf(one, env),
        timeout: millisecondsOf(one.timeout ?? '') ?? defaultTimeoutMs,
        maxHold: millisecondsOf(one['max-hold'] ?? '') ?? defaultHoldMs,
        required: one.required ?? true,
        until: one.until ?? 'begun',
        secrets,
      },
    ]),
  );
}

function holdOf({ command, http, postgres }: z.output<typeof barrier>, env: Environment): HoldConfig {
  if (http) return { kind: 'http', hold: callOf(http.hold), release: callOf(http.release) };
  if (command) {
    const seen = { ...plainPart(env), ...command.env };
    if ('hold' in command) return { kind: 'command', hold: command.hold, release: command.release, env: seen };
    const { run, held } = command;
    return { kind: 'process', run, env: seen, ...(held === undefined ? {} : { held }) };
  }
  const databases = [postgres ?? []].flat().map((one): PostgresLocks => {
    const { url, 'advisory-lock': advisoryLock, 'lock-tables': tables = [], mode = 'share', statements = [] } = one;
    return { url, tables, mode, statements, ...(advisoryLock === undefined ? {} : { advisoryLock }) };
  });
  return { kind: 'postgres', databases };
}

function callOf({ url, method = 'POST', headers = {}, body }: z.output<typeof call>): HttpCall {
  return { url, method, headers, ...(body === undefined ? {} : { body }) };
}

/** What a program needs to run at all, and what is no secret; everything else is handed to it by name. */
const plainVariables = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const;

function plainPart(env: Environment): Environment {
  return Object.fromEntries(plainVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}
