import { asBuffer } from '../../kernel/bytes.ts';

export type Argument = string | number | Uint8Array;
export type Command = readonly [string, ...Argument[]];

/** `$` or `*`, the digits of a length, and the line's end. */
const headBytes = 24;

/** Commands as the protocol has them (RESP, "Sending commands to a Redis server"): arrays of strings, all in one piece. */
export function encodeCommands(commands: readonly Command[]): Buffer {
  let most = 0;
  for (const command of commands) {
    most += headBytes;
    for (const argument of command) most += headBytes + lengthOf(argument);
  }
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (const command of commands) {
    at = writeHead(bytes, at, 0x2a, command.length);
    for (const argument of command) at = writeArgument(bytes, at, argument);
  }
  return bytes.subarray(0, at);
}

function lengthOf(argument: Argument): number {
  if (typeof argument === 'number') return headBytes;
  return typeof argument === 'string' ? Buffer.byteLength(argument) : argument.length;
}

function writeArgument(bytes: Buffer, start: number, argument: Argument): number {
  let at = start;
  if (typeof argument === 'object') {
    at = writeHead(bytes, at, 0x24, argument.length);
    asBuffer(argument).copy(bytes, at);
    at += argument.length;
  } else {
    const text = String(argument);
    const length = Buffer.byteLength(text);
    at = writeHead(bytes, at, 0x24, length);
    at += bytes.write(text, at, length, 'utf8');
  }
  return writeEnd(bytes, at);
}

function writeHead(bytes: Buffer, start: number, kind: number, value: number): number {
  bytes[start] = kind;
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  let rest = value;
  for (let at = start + digits; at > start; at--, rest = Math.floor(rest / 10)) bytes[at] = 0x30 + (rest % 10);
  return writeEnd(bytes, start + digits + 1);
}

function writeEnd(bytes: Buffer, at: number): number {
  bytes[at] = 0x0d;
  bytes[at + 1] = 0x0a;
  return at + 2;
}
