import type { LedgerNote } from '../../kernel/entry.ts';

/** What does not come back from keys that were read one after another. */
export function keysNotes(): LedgerNote[] {
  return [
    {
      class: 'needs-human',
      what: 'one point in time',
      why: 'keys were read one after another between the start and the end of this capture: each is as it was at some moment in between',
      action: 'Where keys must fit together, use mode rdb, or capture while nothing writes.',
    },
    ...settingsNotes(),
    {
      class: 'lost',
      what: 'cached scripts',
      why: 'a server does not give out what EVALSHA remembers',
      action: 'Have applications load their scripts again when EVALSHA answers NOSCRIPT, as clients do.',
    },
  ];
}

/** What does not come back from an RDB file. */
export function rdbNotes(): LedgerNote[] {
  return [
    {
      class: 'needs-human',
      what: 'the RDB file',
      why: 'no server takes a whole file over the network',
      action:
        'Restore it to a directory and start a server there: redis-server --dir DIR --dbfilename dump.rdb --appendonly no',
    },
    ...settingsNotes(),
  ];
}

function settingsNotes(): LedgerNote[] {
  return [
    {
      class: 'needs-human',
      what: 'configuration and users',
      why: 'they belong to the machine; config.json (without secrets) and acl.json say what they were',
      action: 'After a restore into a new server, set them there by CONFIG SET and ACL SETUSER.',
    },
  ];
}

/** A managed server keeps some things to itself. */
export function unread(what: string, why: string): LedgerNote {
  return {
    class: 'needs-human',
    what: `${what}: not captured`,
    why,
    action: 'Keep it elsewhere, or grant the command to the user of the source.',
  };
}

/** Time has gone on since the capture. */
export function expiredNote(count: number): LedgerNote {
  return {
    class: 'lost',
    what: 'expired keys',
    why: 'their time had passed when they were to be restored',
    action: 'To have them all the same, restore to a directory.',
    count,
  };
}
