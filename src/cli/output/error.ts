import { HoldfastError, toRecord } from '../../kernel/errors.ts';
import type { Colors } from './colors.ts';
import { printable } from './text.ts';

/** The lines of an error on stderr: what happened, to which resource, (why,) and what to do now. */
export function renderError(
  error: HoldfastError,
  settings: { readonly verbose: boolean; readonly colors: Colors },
): string[] {
  const { colors, verbose } = settings;
  const named = error.resource === undefined || error.message.includes(error.resource) ? '' : ` (${error.resource})`;
  const [first = '', ...more] = printable(`${error.message}${named}`).split('\n');
  const lines = [`${colors.red(`error[${error.code}]:`)} ${first}`, ...more.map((line) => `  ${line}`)];
  if (verbose) {
    lines.push(...causes(error).map((cause) => `  caused by: ${cause}`));
    const requestId = requestIdOf(error);
    if (requestId !== undefined) lines.push(`  AWS request id: ${printable(requestId)}`);
    const stack = error.code === 'internal.bug' ? deepestStack(error) : undefined;
    if (stack !== undefined) lines.push(...printable(stack).split('\n').slice(1));
  }
  lines.push(`${colors.cyan('hint:')} ${printable(error.hint)}`);
  return lines;
}

/** `{"schema":1,"error":{…}}`: what --json prints on stdout when a command fails. */
export function errorDocument(error: HoldfastError): object {
  const requestId = requestIdOf(error);
  return {
    schema: 1,
    error: { ...toRecord(error), exit: error.row.exit, ...(requestId === undefined ? {} : { requestId }) },
  };
}

function causes(error: HoldfastError): string[] {
  const found: string[] = [];
  let cause: unknown = error.cause;
  // Eight deep is more than any real chain; a cycle must not hang the report of an error.
  while (cause !== undefined && cause !== null && found.length < 8) {
    if (cause instanceof HoldfastError) found.push(printable(`error[${cause.code}] ${cause.message}`));
    else if (cause instanceof Error) found.push(printable(`${cause.name}: ${cause.message}`));
    else found.push(printable(typeof cause === 'string' ? cause : typeof cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return found;
}

function requestIdOf(error: HoldfastError): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if (current instanceof HoldfastError && current.requestId !== undefined) return current.requestId;
    current = current.cause;
  }
  return undefined;
}

function deepestStack(error: HoldfastError): string | undefined {
  return error.cause instanceof Error ? error.cause.stack : error.stack;
}
