import { parseArgs } from 'node:util';
import { peers } from './peers/index.ts';

const dataNames = ['mixed', 'small'] as const;
export type DataName = (typeof dataNames)[number];

export interface Options {
  readonly rounds: number;
  /** Names of those that Holdfast is compared with; itself is always there. */
  readonly peers: readonly string[];
  readonly caches: readonly ('warm' | 'cold')[];
  readonly data: readonly DataName[];
  /** MiB of the mixed tree; the number of small files goes with it. */
  readonly size: number;
}

export const fullSize = 2048;

export const usage = `npm run bench:repository [-- [ROUNDS] [--peers restic,borg] [--cold] [--only mixed|small] [--size MIB]]
  ROUNDS   rounds of which the best counts (2)
  --peers  which to compare with: ${peers.map(({ name }) => name).join(', ')} (all that are on the PATH)
  --cold   with an empty page cache too
  --only   one kind of data
  --size   MiB of the mixed tree (${fullSize}; the documented figures are of these), and as many small files in proportion`;

/** Throws an Error with the usage. */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        peers: { type: 'string' },
        cold: { type: 'boolean' },
        only: { type: 'string' },
        size: { type: 'string' },
      },
    });
    if (positionals.length > 1) throw new Error(`one number of rounds is enough: ${positionals.join(' ')}`);
    return {
      rounds: positive('rounds', positionals[0] ?? '2'),
      peers: listOf('peer', values.peers?.split(','), ['holdfast', ...names()]),
      caches: values.cold ? ['warm', 'cold'] : ['warm'],
      data: listOf('kind of data', values.only === undefined ? undefined : [values.only], dataNames),
      size: positive('size', values.size ?? String(fullSize)),
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

function names(): string[] {
  return peers.map(({ name }) => name);
}

function positive(what: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${what}: ${text} is not a number from 1 up`);
  return number;
}

function listOf<Name extends string>(
  what: string,
  wanted: readonly string[] | undefined,
  known: readonly Name[],
): Name[] {
  if (!wanted) return [...known];
  return wanted.map((text) => {
    const found = known.find((name) => name === text);
    if (found === undefined) throw new Error(`there is no ${what} ${text}; known: ${known.join(', ')}`);
    return found;
  });
}
