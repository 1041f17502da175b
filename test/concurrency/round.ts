import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Repository } from '../../src/repository/contract.ts';
import { createRepository, openRepository } from '../../src/repository/index.ts';
import { publicKeyOf } from '../../src/repository/keys/curve25519.ts';
import type { ObjectStore } from '../../src/storage/contract.ts';
import { createMemoryStore } from '../../src/storage/memory/index.ts';
import { keysOf } from '../repository/copy-store.ts';
import { passphrase } from '../repository/small-repository.ts';
import { simulatedRuntime } from '../simulated-time.ts';
import { actions, restoreOne, weights, type Place, type Worker } from './actions.ts';
import { createModel, type Model } from './model.ts';
import { createDice, type Dice } from './seeded.ts';
import { killed, simulatedProcess, type SimulatedProcess } from './simulated-process.ts';

const minute = 60_000;
const hour = 60 * minute;
const longestSession = hour;
const overGrace = 2 * longestSession + 5 * minute;
const workers = 16;
const estates = 5;
/** How long workers are at work in one round, in simulated time. */
const roundMs = 6 * hour;

/** Opens without a passphrase: deriving a key from one takes threads, whose order no seed decides. */
const recoveryKey = { privateKey: new Uint8Array(32).fill(9) };

interface Shared {
  readonly runtime: Runtime;
  readonly store: ObjectStore;
  readonly model: Model;
}

export interface RoundReport {
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>;
  /** The same for the same seed: what each worker did, and when. */
  readonly trace: readonly string[];
}

/**
 * Sixteen workers with weighted actions over one store, and a second one for copies. Processes freeze for hours, die, and have
 * their clocks set. Throws at the first thing that is not as the model says; afterwards all must be whole, and garbage gone.
 */
export async function playRound(seed: string): Promise<RoundReport> {
  const runtime = simulatedRuntime(Number.parseInt(seed, 10) || 1);
  const counts: Record<string, number> = {};
  const trace: string[] = [];
  const count = (what: string, by = 1): void => {
    counts[what] = (counts[what] ?? 0) + by;
  };
  const model = createModel();
  const main: Shared = { runtime, store: createMemoryStore({ runtime }), model };
  const copy: Shared = { runtime, store: createMemoryStore({ runtime }), model: createModel(model.attempts) };
  const first = await create(main);
  await create(copy, first);
  const endsAt = runtime.clock.now() + roundMs;
  const sources = Array.from({ length: estates }, () => new Map(['tools', 'logs'].map((name) => [name, new Map()])));
  const captured = new Map<string, Readonly<Record<string, string>>>();
  try {
    await Promise.all(
      Array.from({ length: workers }, async (_, number) => {
        const dice = createDice(`${seed}/${number}`);
        const settings = { number, dice, main, copy, count, trace, endsAt };
        const own = { sources: sources[number % estates] as Worker['sources'], captured };
        while (runtime.clock.now() < endsAt) await live(settings, own);
      }),
    );
    await expectAllWell(main, count);
    await expectAllWell(copy, count);
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${trace.slice(-40).join('\n')}`, { cause: error });
  }
  return { counts, trace };
}

async function create({ runtime, store }: Shared, sameIdsAs?: Repository): Promise<Repository> {
  const repository = await createRepository({
    store,
    runtime,
    passphrase,
    scrypt: { n: 2, r: 8, p: 1 },
    longestSession,
    packTarget: 8192,
    settings: { workers: 0 },
    ...(sameIdsAs ? { sameIdsAs } : {}),
  });
  const publicKey = publicKeyOf('x25519', recoveryKey.privateKey);
  await repository.keys.add({ role: 'owner', label: 'model', by: { kind: 'recipient', publicKey } });
  return repository;
}

function open({ runtime, store }: Pick<Shared, 'runtime' | 'store'>): Promise<Repository> {
  return openRepository({ store, runtime, recoveryKey, settings: { workers: 0 } });
}

interface Life {
  readonly number: number;
  readonly dice: Dice;
  readonly main: Shared;
  readonly copy: Shared;
  readonly count: Worker['count'];
  readonly trace: string[];
  readonly endsAt: number;
}

/** One process of a worker, from its start to its death, or some actions later to its end. */
async function live(life: Life, own: Pick<Worker, 'sources' | 'captured'>): Promise<void> {
  const { number, dice, main, copy, count, trace, endsAt } = life;
  const { clock } = main.runtime;
  const fate = createFate(life);
  const process = simulatedProcess(main, { around: fate.around });
  const second = simulatedProcess({ ...copy, runtime: process.runtime }, { around: fate.around });
  fate.bind([process, second]);
  let attempt: string | undefined;
  const opened = await process.run(async () => [
    await open(process),
    await open({ ...second, runtime: process.runtime }),
  ]);
  for (let left = 1 + dice.below(6); left > 0 && opened !== killed && clock.now() < endsAt; left--) {
    const name = dice.weighted(weights);
    const worker: Worker = {
      ...own,
      dice,
      // Two machines of one name now and then: a host that was cloned.
      host: `host ${number % 12}`,
      estate: `estate ${number % estates}`,
      main: { repository: opened[0] as Repository, model: main.model },
      copy: { repository: opened[1] as Repository, model: copy.model },
      pause: (ms) => process.runtime.clock.sleep(ms),
      count,
      endLife: () => (left = 0),
      attempting: (now) => (attempt = now),
    };
    trace.push(`${clock.now()} ${number} ${name}`);
    fate.begin();
    const ended = await process
      .run(async () => {
        await actions[name](worker);
      })
      .catch(async (error: unknown) => {
        if (!fate.isForgiven(error)) throw new Error(`worker ${number}, ${name}: ${String(error)}`, { cause: error });
        count('broken off');
        return 'broken' as const;
      });
    trace.push(`${clock.now()} ${number} ${name} ${ended === killed ? 'died' : 'ended'}`);
    fate.end();
    if (ended === killed || ended === 'broken') {
      if (attempt !== undefined) main.model.lost(attempt);
      break;
    }
    await clock.sleep(dice.next() < 0.5 ? dice.span(minute) : dice.span(1.5 * hour));
  }
  // Whatever it left running stops with it.
  process.kill();
  second.kill();
}

/** What happens to the processes of a worker while it acts: slow answers, long freezes, death, a clock that is set. */
function createFate({ dice, main, count }: Life) {
  let processes: readonly SimulatedProcess[] = [];
  let deathIn = Infinity;
  let freezeIn = Infinity;
  let frozenFor = 0;
  const { clock } = main.runtime;
  return {
    bind(own: readonly SimulatedProcess[]) {
      processes = own;
    },
    begin() {
      frozenFor = 0;
      deathIn = dice.next() < 0.08 ? dice.below(60) : Infinity;
      // Who was frozen for long and dies just then leaves what only a check finds (docs/format.md, 9.4).
      freezeIn = deathIn === Infinity && dice.next() < 0.12 ? dice.below(60) : Infinity;
      if (dice.next() < 0.08) {
        const ms = dice.pick([5 * minute, hour, 72 * hour]) * dice.pick([1, -1]);
        // One clock for both stores.
        processes[0]?.jump(ms);
        count('clocks set');
      }
    },
    end() {
      deathIn = Infinity;
      freezeIn = Infinity;
    },
    async around(_: unknown, when: 'before' | 'after') {
      await clock.sleep(dice.span(30));
      // Half of all that happens, happens after a call took effect.
      if (when === 'before' && dice.next() < 0.5) return;
      if (deathIn-- === 0) {
        count('deaths');
        for (const process of processes) process.kill();
      }
      if (freezeIn-- !== 0) return;
      frozenFor = dice.pick([10 * minute, 50 * minute, 3 * hour, 20 * hour]);
      count('freezes');
      for (const process of processes) process.freeze();
      await clock.sleep(frozenFor);
      for (const process of processes) process.thaw();
    },
    /** After hours in which others went on a process may find that what it was reading is gone. */
    isForgiven: (error: unknown) =>
      frozenFor > 0 && /session-too-long|lease-lost|not-found|corrupt|unavailable/.test(codeOf(error)),
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** With everybody at rest: whole, nothing missing; and in the end no garbage. */
async function expectAllWell(shared: Shared, count: Worker['count']): Promise<void> {
  const { runtime, store, model } = shared;
  async function look(): Promise<void> {
    const place: Place = { repository: await open(shared), model };
    const { damage } = await place.repository.verify({ readData: 1 });
    if (damage.length > 0) throw new Error(`damage at rest: ${JSON.stringify(damage)}`);
    const { list } = await place.repository.snapshots();
    for (const id of model.sure()) if (!list.some((info) => info.id === id)) throw new Error(`snapshot ${id} is lost`);
    for (const info of list) await restoreOne({ count }, { ...place, model: { ...model, isSure: () => true } }, info);
  }
  await look();
  for (let i = 0; i < 4; i++) {
    await runtime.clock.sleep(overGrace);
    await (await open(shared)).prune({ maxUnused: 0 });
  }
  await look();
  const { waiting, stored, neededBytes } = await (await open(shared)).prune({ maxUnused: 0 });
  if (waiting.length > 0 || stored.bytes > neededBytes * 1.2 + 4096)
    throw new Error(`garbage stays: ${stored.bytes} bytes stored, ${neededBytes} needed, ${waiting.length} marks`);
  const left = await keysOf(store, 'sessions/');
  if (left.length > 0) throw new Error(`left behind: ${left.join(' ')}`);
}
