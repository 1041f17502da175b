import { HoldfastError } from '../../kernel/errors.ts';

/** One member of an archive (POSIX.1-2017, pax, "ustar Interchange Format"), as servers write them into base backups. */
export interface TarMember {
  /** Without a leading `./` or a final slash; '' for the folder of the archive itself. */
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  /** Of a symlink. */
  readonly target: string;
  /** The content, once. What is not read when the next member is asked for is skipped. */
  readonly content: AsyncIterable<Uint8Array>;
}

const block = 512;

/** Reads an archive as it streams, a piece at a time. Throws item.damaged for what is no whole archive. */
export async function* readTar(source: AsyncIterable<Uint8Array>, resource: string): AsyncGenerator<TarMember> {
  const input = source[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);

  /** Up to `most` bytes; none at the end. */
  async function take(most: number): Promise<Uint8Array> {
    while (held.length === 0) {
      const next = await input.next();
      if (next.done) return held;
      held = next.value;
    }
    const piece = held.subarray(0, most);
    held = held.subarray(piece.length);
    return piece;
  }
  async function takeBlock(): Promise<Buffer | undefined> {
    const whole = Buffer.alloc(block);
    for (let at = 0; at < block;) {
      const piece = await take(block - at);
      if (piece.length === 0) {
        if (at === 0) return undefined;
        throw damaged(resource, 'ends in the middle of a header');
      }
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
  async function* bytes(size: number, name: string): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0;) {
      const piece = await take(left);
      if (piece.length === 0) throw damaged(resource, `ends within ${name}`);
      left -= piece.length;
      yield piece;
    }
    for (let left = -size & (block - 1); left > 0;) {
      const piece = await take(left);
      if (piece.length === 0) throw damaged(resource, `ends after ${name}`);
      left -= piece.length;
    }
  }
  for (;;) {
    const header = await takeBlock();
    // Older servers leave out the two empty blocks at the end.
    if (!header || header.every((byte) => byte === 0)) break;
    const member = decodeHeader(header, resource);
    const content = bytes(member.size, member.name);
    yield { ...member, content };
    // A generator that was begun goes on where it was left; one that was ended early cannot be, and is an error of ours.
    for await (const _ of content) continue;
  }
  while ((await take(64 * 1024)).length > 0) continue;
}

const kinds: Readonly<Record<string, TarMember['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '5': 'directory',
  '2': 'symlink',
};

function decodeHeader(header: Buffer, resource: string): Omit<TarMember, 'content'> {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  const name = text(header, 0, 100).replace(/^\.\//, '').replace(/\/$/, '');
  if (number(header, 148, 8) !== sum) throw damaged(resource, `has a header with a wrong checksum after ${name}`);
  const prefix = text(header, 345, 155);
  const type = String.fromCharCode(header[156] as number);
  const kind = kinds[type];
  if (kind === undefined) throw damaged(resource, `holds ${name} of a kind that is not known (${type})`);
  return {
    name: prefix === '' ? (name === '.' ? '' : name) : `${prefix}/${name}`,
    kind,
    mode: number(header, 100, 8) & 0o7777,
    mtime: number(header, 136, 12),
    size: kind === 'file' ? number(header, 124, 12) : 0,
    target: text(header, 157, 100),
  };
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

/** Octal text, or for what does not fit big-endian bytes after a first one with the high bit. */
function number(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (((field[0] as number) & 0x80) === 0)
    return Number.parseInt(field.toString('latin1').replace(/[\0 ]/g, ''), 8) || 0;
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}

function damaged(resource: string, problem: string): HoldfastError {
  return new HoldfastError('item.damaged', `the archive ${problem}`, { resource, hint: 'Run the command again.' });
}
