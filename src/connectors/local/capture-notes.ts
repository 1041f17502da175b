import type { LedgerNote } from '../../kernel/entry.ts';

/** What a capture met that will not come back as it is, counted while it walks. */
export interface CaptureCounts {
  xattrsMissing: boolean;
  xattrsUnreachable: number;
  sockets: number;
  devices: number;
  subMicrosecond: number;
}

export function newCounts(): CaptureCounts {
  return { xattrsMissing: false, xattrsUnreachable: 0, sockets: 0, devices: 0, subMicrosecond: 0 };
}

export function captureNotes(counts: CaptureCounts): LedgerNote[] {
  const notes: LedgerNote[] = [];
  if (counts.xattrsMissing) {
    notes.push({
      class: 'needs-human',
      what: 'extended attributes are not captured',
      why: 'the optional package @napi-rs/xattr is not installed or has no binary for this machine',
      action: 'Install it with npm and take a new snapshot, or set xattrs: false on the source.',
    });
  }
  if (counts.xattrsUnreachable > 0) {
    notes.push({
      class: 'needs-human',
      what: 'extended attributes of files whose path is not UTF-8',
      why: 'the package that reads them takes UTF-8 paths only',
      action: 'Rename them, or note their attributes with getfattr.',
      count: counts.xattrsUnreachable,
    });
  }
  if (counts.sockets > 0) {
    notes.push({
      class: 'lost',
      what: 'sockets',
      why: 'a socket exists only while the program that made it listens',
      action: 'Nothing: the programs make them again when they start.',
      count: counts.sockets,
    });
  }
  if (counts.devices > 0) {
    notes.push({
      class: 'needs-human',
      what: 'device nodes',
      why: 'only root can create them',
      action: 'Restore as root.',
      count: counts.devices,
    });
  }
  if (counts.subMicrosecond > 0) {
    notes.push({
      class: 'lost',
      what: 'modification times below a microsecond',
      why: 'Node can set times to the microsecond only; the snapshot itself holds the nanoseconds',
      action: 'Nothing: comparisons use the microsecond.',
      count: counts.subMicrosecond,
    });
  }
  return notes;
}
