import type { EventSink } from '../../kernel/events.ts';
import type { CheckNote, CheckNoteKind, DamagedObject, Touched } from './contract.ts';

/** A damaged object while the check goes on. */
export interface Damage {
  readonly object: string;
  readonly problem: string;
  readonly touches: Map<string, { snapshot: string; resource?: string; lost: number; entries: string[] }>;
  more: number;
  healable?: boolean;
}

/** What one damaged object costs a tree. */
export interface Loss {
  lost: number;
  entries: string[];
}

/** Damaged objects that a tree needs; undefined in place of it: the tree is whole. */
export type Losses = ReadonlyMap<Damage, Loss>;

/** Collects what a check finds, once per object. */
export interface Findings {
  damage(object: string, problem: string): Damage;
  known(object: string): Damage | undefined;
  touch(damage: Damage, snapshot: string, resource?: string, loss?: Loss): void;
  note(kind: CheckNoteKind, object: string, text: string): void;
  drop(damage: Damage): void;
  /** Turns a damaged object that touches nothing into a note. */
  demote(damage: Damage, kind: CheckNoteKind): void;
  readonly damaged: readonly DamagedObject[];
  readonly notes: readonly CheckNote[];
  /** Whether there was any such note, also one that was not kept. */
  noted(kind: CheckNoteKind): boolean;
}

const touchesKept = 1000;
const entriesKept = 10;
const notesKept = 1000;

export function createFindings(events: EventSink): Findings {
  const damaged = new Map<string, Damage>();
  const notes: CheckNote[] = [];
  const kinds = new Set<CheckNoteKind>();
  const findings: Findings = {
    damage(object, problem) {
      const known = damaged.get(object);
      if (known) return known;
      const made: Damage = { object, problem, touches: new Map(), more: 0 };
      damaged.set(object, made);
      return made;
    },
    known: (object) => damaged.get(object),
    touch(damage, snapshot, resource, loss) {
      if (damage.touches.size === 0)
        events({ type: 'notice', level: 'warning', message: `${damage.object}: ${damage.problem}` });
      const name = resource === undefined ? snapshot : `${snapshot}:${resource}`;
      let touched = damage.touches.get(name);
      if (!touched) {
        if (damage.touches.size >= touchesKept) {
          damage.more++;
          return;
        }
        touched = { snapshot, ...(resource === undefined ? {} : { resource }), lost: 0, entries: [] };
        damage.touches.set(name, touched);
      }
      if (loss) addLoss(touched, loss);
    },
    note(kind, object, text) {
      kinds.add(kind);
      if (notes.length < notesKept) notes.push({ kind, object, text });
    },
    drop(damage) {
      damaged.delete(damage.object);
    },
    demote(damage, kind) {
      findings.drop(damage);
      findings.note(kind, damage.object, damage.problem);
    },
    get damaged() {
      return [...damaged.values()].map(toDamagedObject);
    },
    get notes() {
      return notes;
    },
    noted: (kind) => kinds.has(kind),
  };
  return findings;
}

function toDamagedObject({ object, problem, touches, more, healable }: Damage): DamagedObject {
  const sorted = [...touches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, touched]): Touched => touched);
  return { object, problem, touches: sorted, more, ...(healable ? { healable } : {}) };
}

/** Adds entries to a loss; keeps the names of the first. */
export function addLoss(to: Loss, { lost, entries }: Loss): void {
  to.lost += lost;
  for (const name of entries) if (to.entries.length < entriesKept) to.entries.push(name);
}

/** Gathers the losses of a tree, page by page. */
export interface LossCollector {
  add(damage: Damage, lost: number, entry?: string): void;
  merge(losses: Losses | undefined): void;
  /** Undefined when nothing is lost. */
  readonly losses: Losses | undefined;
}

export function collectLosses(): LossCollector {
  let all: Map<Damage, Loss> | undefined;
  function of(damage: Damage): Loss {
    all ??= new Map();
    let loss = all.get(damage);
    if (!loss) {
      loss = { lost: 0, entries: [] };
      all.set(damage, loss);
    }
    return loss;
  }
  return {
    add: (damage, lost, entry) => addLoss(of(damage), { lost, entries: entry === undefined ? [] : [entry] }),
    merge(losses) {
      for (const [damage, loss] of losses ?? []) addLoss(of(damage), loss);
    },
    get losses() {
      return all;
    },
  };
}
