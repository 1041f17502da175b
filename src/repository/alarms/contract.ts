/** What a snapshot did to one resource, compared with the snapshot before: part of the resource's record. */
export interface Activity {
  /** Entries whose keys were not there before, those that have another content, and those that are there no longer. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Bytes of contents that were read, and those of them that were new to the repository. */
  readonly read: number;
  readonly fresh: number;
  /** Bytes of the fresh ones that look encrypted or compressed. */
  readonly dense: number;
  /** The most frequent endings of names, of all entries and of the added ones. */
  readonly endings: readonly Ending[];
  readonly addedEndings: readonly Ending[];
  /** With what this snapshot did. */
  readonly usual: Usual;
}

/** An ending without its dot, in lower case. */
export interface Ending {
  readonly name: string;
  readonly count: number;
}

/** What a resource is known to do, carried from record to record so that no older snapshot needs to be read. */
export interface Usual {
  /** Entries that went, with hardly any in their place. */
  readonly removed?: Peaks;
  /** Bytes that are gone. */
  readonly shrunk?: Peaks;
  /** Entries with another content, or that others took the place of. */
  readonly rewritten?: Peaks;
  /** Bytes that were new to the repository, and those of them that looked encrypted or compressed: sums that count half after two weeks. */
  readonly fresh: number;
  readonly dense: number;
}

/**
 * The two largest shares of what was there before, the largest first: the second one is what is usual. What happened once
 * was an accident, or an attack.
 */
export type Peaks = readonly Peak[];

export interface Peak {
  readonly share: number;
  /** When at least half as much happened last: ms since the epoch. */
  readonly at: number;
}

/** From when on a change is worth an alarm. Shares are between 0 and 1. */
export interface AlarmSettings {
  /** Entries that are gone, of those that were there. */
  readonly removed: number;
  /** Bytes that are gone, of those that were there. */
  readonly shrunk: number;
  /** Entries that were there and have another content, or that others took the place of. */
  readonly changed: number;
  /** Fresh bytes that look encrypted or compressed, where most did not before. */
  readonly dense: number;
  /** Resources of a source that are gone, or their bytes. */
  readonly gone: number;
  /** Fewer entries, or bytes, than these are never worth one. */
  readonly leastEntries: number;
  readonly leastBytes: number;
}

export const defaultAlarms: AlarmSettings = {
  removed: 0.5,
  shrunk: 0.5,
  changed: 0.5,
  dense: 0.8,
  gone: 0.5,
  leastEntries: 20,
  leastBytes: 1024 * 1024,
};

export type ResourceAlarmKind = 'mass-deletion' | 'size-collapse' | 'mass-change' | 'encrypted' | 'renamed';

export interface ResourceAlarm {
  readonly kind: ResourceAlarmKind;
  /** In words, with the figures. */
  readonly message: string;
}

/** What looks wrong in a snapshot, and why. The snapshot is stored all the same. */
export interface Alarm {
  readonly kind: ResourceAlarmKind | 'resources-gone';
  readonly source: string;
  /** `type/name`; absent where it is about the source. */
  readonly resource?: string;
  readonly message: string;
}
