import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';

interface Meaning {
  readonly says: RegExp;
  readonly code: ErrorCode;
  readonly why: string;
  readonly hint?: string;
}

/** What a server's error means; the first that fits. */
const meanings: readonly Meaning[] = [
  {
    says: /^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password|ERR Client sent AUTH)/,
    code: 'item.denied',
    why: 'the server refused the user or the password of the source',
    hint: 'Correct the user and password in the url of the source.',
  },
  {
    says: /^NOPERM/,
    code: 'item.denied',
    why: 'the user of the source lacks a permission',
    hint: 'Grant the command; the readme of the redis source lists what it needs.',
  },
  { says: /^LOADING/, code: 'item.unavailable', why: 'the server is still loading its data' },
  { says: /^(BUSY |TRYAGAIN)/, code: 'item.unavailable', why: 'the server is busy' },
  { says: /^(CLUSTERDOWN|MASTERDOWN)/, code: 'item.unavailable', why: 'the cluster or its primary is down' },
  {
    says: /^READONLY/,
    code: 'item.denied',
    why: 'the server is a replica and takes no writes',
    hint: 'Restore into its primary.',
  },
  {
    says: /^OOM/,
    code: 'item.unavailable',
    why: 'the server has reached its maxmemory',
    hint: 'Give the server more memory, then run the same restore again.',
  },
  {
    says: /^MISCONF/,
    code: 'item.unavailable',
    why: 'the server takes no writes because it cannot store its data',
    hint: 'Mend the disk of the server, then run the same restore again.',
  },
  {
    says: /DUMP payload version or checksum are wrong/,
    code: 'item.invalid',
    why: 'the server does not know the version of the payload: it is older than the one that was captured',
    hint: 'Restore into a server of the same or a newer version.',
  },
  {
    says: /Bad data format/,
    code: 'item.invalid',
    why: 'the server cannot read the payload',
    hint: 'Restore into a server of the same kind and version, with the same modules.',
  },
  { says: /unknown (sub)?command/i, code: 'item.denied', why: 'the server does not offer this command' },
];

/** What the server answered to a command, as an item error; keeps its words, which never hold what was sent. */
export function serverError(message: string, attempt: string, resource: string): HoldfastError {
  const meaning = meanings.find(({ says }) => says.test(message));
  const said = `cannot ${attempt}: ${meaning?.why ?? 'the server refused'} (${firstLine(message)})`;
  return new HoldfastError(meaning?.code ?? 'item.unreadable', said, {
    resource,
    ...(meaning?.hint === undefined ? {} : { hint: meaning.hint }),
  });
}

/** A connection that could not be opened or broke. `secret` is cut out of whatever the system said. */
export function connectionError(
  error: unknown,
  where: { readonly address: string; readonly resource: string; readonly secret?: string | undefined },
): HoldfastError {
  const { address, resource, secret } = where;
  const text = error instanceof Error ? error.message : String(error);
  const said = firstLine(secret === undefined || secret === '' ? text : text.replaceAll(secret, '***'));
  const isTls = address.startsWith('rediss:') && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(said);
  const hint = isTls
    ? 'Check that the server speaks TLS (redis:// is for one that does not), and name the authority of its certificate in `ca`.'
    : 'Check that the server runs, can be reached from here and speaks no TLS (rediss:// is for one that does).';
  return new HoldfastError('item.unavailable', `no connection to ${address}: ${said}`, { resource, hint });
}

/** Worth another try on the same or a new connection. */
export function isPassing(message: string): boolean {
  return /^(LOADING|BUSY |TRYAGAIN|CLUSTERDOWN|MASTERDOWN)/.test(message);
}

/** Control characters and what follows the first line are a server's business. */
function firstLine(text: string): string {
  return (text.split(/[\r\n]/)[0] ?? '').slice(0, 300);
}
