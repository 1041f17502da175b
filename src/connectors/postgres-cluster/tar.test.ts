import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { createManifestCheck } from './backup-manifest.ts';
import { createHash } from 'node:crypto';
import { readTar } from './tar.ts';

function header(name: string, size: number, type = '0', target = ''): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000600\0', 100);
  if (size < 8 ** 11) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('14000000000\0', 136);
  block.write(type, 156);
  block.write(target, 157);
  block.fill(' ', 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
}

function file(name: string, content: string): Buffer {
  const padding = Buffer.alloc(-Buffer.byteLength(content) & 511);
  return Buffer.concat([header(name, Buffer.byteLength(content)), Buffer.from(content), padding]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(bytes: Buffer, piece = 700, skip = ''): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { name, kind, mode, target, content } of readTar(inPieces(bytes, piece), 'x')) {
    let text = '';
    if (name !== skip) for await (const part of content) text += Buffer.from(part).toString();
    found.push([name, kind, mode, target || text]);
  }
  return found;
}

describe('an archive', () => {
  const whole = Buffer.concat([
    header('base/', 0, '5'),
    file('./base/1', 'a'.repeat(1500)),
    header('pg_tblspc/16385', 0, '2', '/far'),
    file('empty', ''),
    file('last', 'z'),
  ]);
  const members = [
    ['base', 'directory', 0o600, ''],
    ['base/1', 'file', 0o600, 'a'.repeat(1500)],
    ['pg_tblspc/16385', 'symlink', 0o600, '/far'],
    ['empty', 'file', 0o600, ''],
    ['last', 'file', 0o600, 'z'],
  ];

  it.each([1, 511, 512, 700, 100_000])('in pieces of %i bytes, with and without its empty end', async (piece) => {
    expect(await read(whole, piece)).toEqual(members);
    expect(await read(Buffer.concat([whole, Buffer.alloc(1024)]), piece)).toEqual(members);
  });

  it('goes on behind what nobody read', async () => {
    expect((await read(whole, 700, 'base/1')).map((one) => (one as string[])[0])).toEqual(
      members.map(([name]) => name),
    );
  });

  it('that is cut off or has a wrong header is damaged', async () => {
    for (const cut of [100, 1400, whole.length - 600, whole.length - 1])
      await expect(read(whole.subarray(0, cut))).rejects.toMatchObject({ code: 'item.damaged' });
    const flipped = Buffer.from(whole);
    flipped[0] = 1;
    await expect(read(flipped)).rejects.toMatchObject({ code: 'item.damaged' });
  });

  it('may hold a file of more than 8 GiB', async () => {
    const { value } = await readTar(inPieces(header('big', 2 ** 34), 512), 'x').next();
    expect(value).toMatchObject({ size: 2 ** 34 });
  });
});

describe('a manifest', () => {
  const listed = [
    ['base/1', 'hello'],
    ['global/2', ''],
  ] as const;
  const crcOf = (text: string): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(crc32c(Buffer.from(text)));
    return bytes.toString('hex');
  };
  const lines = listed.map(
    ([path, text]) =>
      `{ "Path": "${path}", "Size": ${text.length}, "Checksum-Algorithm": "CRC32C", "Checksum": "${crcOf(text)}" }`,
  );
  const body = `{ "PostgreSQL-Backup-Manifest-Version": 1,\n"Files": [\n${lines.join(',\n')}\n],\n`;
  const sum = createHash('sha256').update(body).digest('hex');
  const manifest = Buffer.from(`${body}"Manifest-Checksum": "${sum}"}\n`);

  function problems(files: readonly (readonly [string, string])[], bytes = manifest): unknown[] {
    const check = createManifestCheck();
    for (const [path, text] of files) check.add(path, text.length, crc32c(Buffer.from(text)));
    for (let at = 0; at < bytes.length; at += 33) check.push(bytes.subarray(at, at + 33));
    return check.finish().map(({ path }) => path ?? 'manifest');
  }

  it('is the Castagnoli sum of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.from('56789'), crc32c(Buffer.from('1234')))).toBe(0xe3069283);
  });

  it('agrees with what was sent, and with nothing else', () => {
    expect(problems(listed)).toEqual([]);
    expect(problems([listed[0], ['global/2', 'x']])).toEqual(['global/2']);
    expect(problems([['base/1', 'hellO'], listed[1]])).toEqual(['base/1']);
    expect(problems([listed[0]])).toEqual(['global/2', 'manifest']);
    expect(problems([...listed, ['more', '']])).toEqual(['manifest']);
    const changed = Buffer.from(manifest.toString().replace('Version": 1', 'Version": 2'));
    expect(problems(listed, changed)).toEqual(['manifest']);
  });
});
