import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedEntry } from '../../kernel/entry.ts';
import type { RestoreMode } from '../contract.ts';
import { decide, type Decision } from './decide.ts';
import type { KeyState } from './key-states.ts';
import type { ListedVersion } from './listing.ts';

/** A version in a model of S3: `marker`, or content. Contents are one letter, so that they have the same size. */
interface Version {
  readonly id: string;
  readonly at: number;
  readonly content: string | undefined;
}

let writes = 0;
function version(content: string | undefined): Version {
  writes++;
  return { id: `v${writes}`, at: writes, content };
}

function etagOf(content: string): string {
  return content.charCodeAt(0).toString(16).padStart(32, '0');
}

function time(at: number): string {
  return new Date(at * 1000).toISOString();
}

function listed({ id, at, content }: Version, latest: boolean): ListedVersion {
  return {
    kind: content === undefined ? 'marker' : 'object',
    latest,
    versionId: id,
    etag: content === undefined ? '' : etagOf(content),
    size: content === undefined ? 0 : 1,
    lastModified: time(at),
    storageClass: 'STANDARD',
    thawed: false,
  };
}

function captured({ id, at, content }: Version): CapturedEntry {
  const identity = { versionId: id, lastModified: time(at) };
  return {
    key: utf8('key'),
    kind: content === undefined ? 'marker' : 'blob',
    size: content === undefined ? 0 : 1,
    attributes:
      content === undefined ? { ...identity, deleteMarker: true } : { ...identity, etag: etagOf(content), size: 1 },
    details: {},
    secret: false,
    fingerprint: '',
    contentId: content ?? '',
  };
}

function stateOf(was: readonly Version[], now: readonly Version[]): KeyState {
  const top = was.at(-1);
  const current = top?.content === undefined ? undefined : captured(top);
  return {
    key: utf8('key'),
    older: (current ? was.slice(0, -1) : was).map(captured),
    current,
    live: now.map((one, i) => listed(one, i === now.length - 1)),
  };
}

/** What S3 with versioning switched on makes of a decision; `steps` cuts it short, as a crash would. */
function carryOut(now: readonly Version[], decision: Decision, steps = Infinity): readonly Version[] {
  if (decision.action === 'write')
    return [...now, ...decision.entries.slice(0, steps).map((entry) => version(entry.contentId || undefined))];
  if (decision.action === 'undelete') {
    const gone = decision.versionIds.slice(0, steps);
    return now.filter(({ id }) => !gone.includes(id));
  }
  if (decision.action === 'delete') return [...now, version(undefined)];
  if (decision.action === 'compare') {
    const same = decision.entry.attributes['etag'] === decision.live.etag;
    return same ? now : [...now, version(decision.entry.contentId)];
  }
  return now;
}

const contents = fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), { maxLength: 4 });
const modes = fc.constantFrom<RestoreMode>('create-missing', 'revert-changed', 'exact');
/** What happened since: versions deleted for good, and new ones written. */
const damages = fc.record({ lost: fc.array(fc.nat(3), { maxLength: 4 }), added: contents });

function damaged(was: readonly Version[], damage: { lost: readonly number[]; added: readonly (string | undefined)[] }) {
  return [...was.filter((_, i) => !damage.lost.includes(i)), ...damage.added.map(version)];
}

function shown(versions: readonly Version[]): string | undefined {
  return versions.at(-1)?.content;
}

describe('what a restore does about a key', () => {
  it('brings back what was shown, never touches what is there in create-missing, and is then content', () => {
    fc.assert(
      fc.property(contents, damages, modes, (letters, damage, mode) => {
        const was = letters.map(version);
        const now = damaged(was, damage);
        const settings = { mode, versioned: true, newest: time(0) };
        const after = carryOut(now, decide(stateOf(was, now), settings));
        if (shown(was) !== undefined && (shown(now) === undefined || mode !== 'create-missing'))
          expect(shown(after)).toBe(shown(was));
        if (mode === 'exact') expect(shown(after)).toBe(shown(was));
        if (shown(was) === undefined && mode !== 'exact' && shown(now) !== undefined)
          expect(shown(after)).toBe(shown(now));
        expect(carryOut(after, decide(stateOf(was, after), settings))).toEqual(after);
        // No version that holds content is ever removed.
        for (const one of now) if (one.content !== undefined) expect(after).toContain(one);
      }),
      { numRuns: 500 },
    );
  });

  it('writes the whole history of a key that is gone, and finishes one that a crash cut short', () => {
    fc.assert(
      fc.property(contents, fc.nat(4), (letters, steps) => {
        const was = letters.map(version);
        const settings = { mode: 'exact' as const, versioned: true, newest: time(0) };
        const half = carryOut([], decide(stateOf(was, []), settings), steps);
        const after = carryOut(half, decide(stateOf(was, half), settings));
        expect(after.map(({ content }) => content)).toEqual(was.map(({ content }) => content));
      }),
    );
  });

  it('takes delete markers away instead of writing again what is still there', () => {
    const was = [version('a'), version('b')];
    const now = [...was, version(undefined), version(undefined)];
    const decision = decide(stateOf(was, now), { mode: 'create-missing', versioned: true, newest: undefined });
    expect(decision).toEqual({ action: 'undelete', versionIds: now.slice(2).map(({ id }) => id) });
  });

  it('deletes what came later, and leaves alone what was there but could not be read', () => {
    const extra = version('x');
    const settings = { mode: 'exact' as const, versioned: false };
    const state = stateOf([], [extra]);
    expect(decide(state, { ...settings, newest: time(extra.at - 1) }).action).toBe('delete');
    expect(decide(state, { ...settings, newest: time(extra.at) }).action).toBe('leave');
    expect(decide(state, { ...settings, newest: undefined }).action).toBe('leave');
  });

  it('does not let an older version pass for a current object without content', () => {
    const state = stateOf([version('a'), version('b')], []);
    const current = { ...captured(version('b')), kind: 'marker' as const, size: 0 };
    const settings = { mode: 'exact' as const, versioned: true, newest: undefined };
    expect(decide({ ...state, current }, settings).action).toBe('no-content');
  });
});
