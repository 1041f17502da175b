/** What a code means for the caller: its exit status, its HTTP status, and whether trying again can help. */
export interface CodeRow {
  readonly exit: 1 | 2 | 3 | 4 | 5 | 130;
  readonly http: number;
  readonly nature: 'retriable' | 'permanent' | 'corrupt';
  /** What the person should do, unless the place that throws knows better. */
  readonly hint: string;
}

function row(exit: CodeRow['exit'], http: number, nature: CodeRow['nature'], hint: string): CodeRow {
  return { exit, http, nature, hint };
}

/** The one table of error codes. Exit statuses are those published in docs/interface.md. */
export const codes = {
  // usage and configuration
  'usage.invalid': row(2, 400, 'permanent', 'Run the command with --help.'),
  'usage.needs-confirmation': row(2, 400, 'permanent', 'Answer at a terminal, or pass --yes.'),
  'config.unreadable': row(2, 400, 'permanent', 'Check the path and its permissions, or run holdfast init.'),
  'config.invalid': row(2, 400, 'permanent', 'Correct the lines named above.'),
  'config.secret-missing': row(2, 400, 'permanent', 'Set the variable or file the configuration refers to.'),
  // storage
  'storage.not-found': row(1, 404, 'permanent', 'The object is not in the store; run holdfast verify.'),
  'storage.exists': row(1, 409, 'permanent', 'Another writer created it first.'),
  'storage.precondition': row(1, 412, 'permanent', 'The object changed since it was read.'),
  'storage.bucket-missing': row(2, 404, 'permanent', 'Create the bucket or correct the repository address.'),
  'storage.denied': row(1, 403, 'permanent', 'Check the credentials and the policy of the store.'),
  'storage.throttled': row(1, 429, 'retriable', 'The store asks for fewer requests; try again later.'),
  'storage.unavailable': row(1, 503, 'retriable', 'The store did not answer; check the network and try again.'),
  'storage.full': row(
    1,
    507,
    'permanent',
    'Free space on the store, then run the command again; snapshot goes on with --resume.',
  ),
  'storage.locked': row(1, 423, 'permanent', 'A retention lock protects this object until its date.'),
  'storage.frozen': row(1, 409, 'permanent', 'Run the same command with --thaw-tier; it says what that costs.'),
  'storage.unsupported': row(2, 501, 'permanent', 'This store cannot do that; see holdfast doctor.'),
  'storage.truncated': row(1, 502, 'retriable', 'The answer ended early; try again.'),
  // repository
  'repository.missing': row(2, 404, 'permanent', 'Run holdfast init, or correct the repository address.'),
  'repository.exists': row(2, 409, 'permanent', 'Choose another address, or use the repository that is there.'),
  'repository.newer-format': row(2, 409, 'permanent', 'Use a newer Holdfast; nothing was changed.'),
  'repository.wrong-passphrase': row(2, 401, 'permanent', 'Check HOLDFAST_PASSPHRASE or --passphrase-file.'),
  'repository.no-passphrase': row(2, 401, 'permanent', 'Set HOLDFAST_PASSPHRASE or pass --passphrase-file.'),
  'repository.wrong-key': row(
    2,
    401,
    'permanent',
    'Give a passphrase, --recovery-key, --writer-key, or AWS credentials.',
  ),
  'repository.write-only': row(2, 403, 'permanent', 'Use a passphrase or a key of an owner; this one only adds.'),
  'repository.keys-changed': row(1, 409, 'retriable', 'Somebody changed the keys meanwhile; run the command again.'),
  'repository.last-key': row(2, 409, 'permanent', 'Add another way to open it first, with holdfast key add.'),
  'repository.corrupt': row(3, 500, 'corrupt', 'Run holdfast verify --read-data to see what is touched.'),
  'repository.lease-lost': row(1, 409, 'retriable', 'Another writer took over; run the command again with --resume.'),
  'repository.session-active': row(1, 409, 'retriable', 'Wait until it has ended, or end it; then try again.'),
  'repository.session-too-long': row(1, 409, 'permanent', 'Start a new snapshot; stored data is reused.'),
  // keys and key files
  'key.invalid': row(2, 400, 'permanent', 'Use a text that holdfast key generate or holdfast key add wrote.'),
  'key.not-found': row(2, 404, 'permanent', 'List the key slots with holdfast key list.'),
  'key.ambiguous': row(2, 409, 'permanent', 'Give more characters of the id.'),
  'key.not-rewrapped': row(2, 409, 'permanent', 'Use the Holdfast that made it, or leave it out with --drop ID.'),
  // snapshots and what is in them
  'snapshot.not-found': row(2, 404, 'permanent', 'List them with holdfast snapshots.'),
  'snapshot.ambiguous': row(2, 409, 'permanent', 'Give more characters of the id.'),
  'snapshot.path-not-found': row(2, 404, 'permanent', 'List the snapshot with holdfast ls.'),
  'snapshot.nothing-to-resume': row(2, 404, 'permanent', 'Run holdfast snapshot without --resume.'),
  'snapshot.partial': row(4, 207, 'permanent', 'See the failures in the manifest; run holdfast snapshot again.'),
  'snapshot.nothing-selected': row(2, 400, 'permanent', 'Check the selectors against holdfast discover.'),
  // barriers, by which sources begin together
  'barrier.failed': row(1, 503, 'retriable', 'Run holdfast doctor, then the snapshot again.'),
  'barrier.missed': row(4, 207, 'retriable', 'Run the snapshot again, or give the barrier a longer max-hold.'),
  'barrier.lost': row(4, 409, 'retriable', 'Run the snapshot again; nobody knows what was written meanwhile.'),
  'barrier.not-released': row(1, 500, 'permanent', 'Look whether what it held goes on, and let go of it by hand.'),
  // items of an estate
  'item.denied': row(4, 403, 'permanent', 'Grant the action; holdfast doctor --policy prints the policy.'),
  'item.throttled': row(4, 429, 'retriable', 'The provider asked for fewer calls; run the command again.'),
  'item.unavailable': row(4, 503, 'retriable', 'The provider did not answer; run the command again.'),
  'item.not-found': row(4, 404, 'permanent', 'It was deleted between listing and reading.'),
  'item.changed': row(4, 409, 'retriable', 'It changed while it was read; run the command again.'),
  'item.unreadable': row(4, 422, 'permanent', 'See the message for what the provider returned.'),
  'item.invalid': row(4, 422, 'permanent', 'The provider refused the request; see the message.'),
  'item.conflict': row(4, 409, 'permanent', 'The name is taken; rename or remove the other one.'),
  'item.point-pending': row(4, 202, 'retriable', 'Follow it to its end with holdfast snapshot --settle.'),
  'item.point-failed': row(4, 424, 'permanent', 'See the reason; run holdfast snapshot again.'),
  'item.damaged': row(3, 422, 'corrupt', 'The bytes do not match what the provider said they are.'),
  // credentials
  'aws.credentials-missing': row(2, 401, 'permanent', 'Configure AWS credentials (environment, profile or role).'),
  'aws.credentials-expired': row(2, 401, 'permanent', 'Sign in again, then run the command with --resume.'),
  // restore
  'restore.path-escapes': row(2, 400, 'permanent', 'The entry was not written; restore it to a path of your own.'),
  'restore.target-not-empty': row(2, 409, 'permanent', 'Choose an empty directory, or pass --mode.'),
  'restore.unsupported': row(2, 501, 'permanent', 'Restore it to a directory with --to DIR.'),
  'restore.over-quota': row(
    2,
    409,
    'permanent',
    'Ask AWS for a higher quota (Service Quotas), make room, or restore a part.',
  ),
  'restore.incomplete': row(4, 207, 'permanent', 'See the ledger; run the same restore again to complete it.'),
  'plan.stale': row(2, 409, 'permanent', 'Make a new plan; the target changed since this one.'),
  'plan.invalid': row(2, 400, 'permanent', 'Make a new plan with --plan-out.'),
  // write-ahead logs of databases
  'wal.gap': row(3, 409, 'permanent', 'Take a new base backup: run holdfast snapshot.'),
  'wal.diverged': row(
    1,
    409,
    'permanent',
    'Two servers wrote different WAL under one number: protect one of them only.',
  ),
  'wal.slot-lost': row(
    1,
    410,
    'permanent',
    'Run holdfast wal receive again, then holdfast snapshot for a new base backup.',
  ),
  'wal.not-found': row(1, 404, 'permanent', 'It is not stored; see holdfast wal status.'),
  // verification
  'verify.damage': row(3, 500, 'corrupt', 'The lines above name what is touched.'),
  // machine
  'machine.missing-tool': row(1, 500, 'permanent', 'Install what the message names.'),
  'machine.disk-full': row(1, 507, 'permanent', 'Free space on the disk named above, then run it again.'),
  'run.interrupted': row(130, 499, 'retriable', 'Go on with --resume.'),
  'internal.bug': row(1, 500, 'permanent', 'This is a defect of Holdfast; run with --verbose and report it.'),
} as const satisfies Record<string, CodeRow>;

export type ErrorCode = keyof typeof codes;
