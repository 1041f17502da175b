import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '../kernel/bytes.ts';
import { systemRuntime as runtime } from '../kernel/runtime.ts';
import { openStore, parseAddress } from './open.ts';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-open-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('addresses', () => {
  it.each([
    ['./vault', { kind: 'directory', path: './vault' }],
    ['vault', { kind: 'directory', path: 'vault' }],
    ['/srv/va ult', { kind: 'directory', path: '/srv/va ult' }],
    ['file:vault', { kind: 'directory', path: 'vault' }],
    ['file:./vault', { kind: 'directory', path: './vault' }],
    ['file:///srv/va%20ult', { kind: 'directory', path: '/srv/va ult' }],
    ['s3://acme-vault', { kind: 's3', bucket: 'acme-vault', prefix: '' }],
    ['s3://acme-vault/hold/fast/', { kind: 's3', bucket: 'acme-vault', prefix: 'hold/fast' }],
    [
      's3+http://127.0.0.1:9000/Bucket_1/p',
      { kind: 's3', bucket: 'Bucket_1', prefix: 'p', endpoint: 'http://127.0.0.1:9000' },
    ],
    ['s3+https://[::1]:9000/b/', { kind: 's3', bucket: 'b', prefix: '', endpoint: 'https://[::1]:9000' }],
    ['s3+https://minio.example/b', { kind: 's3', bucket: 'b', prefix: '', endpoint: 'https://minio.example' }],
  ])('%s', (address, expected) => {
    expect(parseAddress(address)).toEqual(expected);
  });

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['s3:bucket', '"//" is missing'],
    ['s3://', 'bucket is missing'],
    ['s3:///prefix', 'bucket is missing'],
    ['s3://Upper/prefix', 'no bucket name'],
    ['s3://bucket/../other', 'cannot be a part of the prefix'],
    ['s3://bucket//double', 'cannot be a part of the prefix'],
    ['s3://bucket/p?region=x', '"?"'],
    ['s3+http:///bucket', 'host is missing'],
    ['s3+http://host:99999/bucket', 'no port'],
    ['s3+http://ho st/bucket', 'no host'],
    ['s3+http://host', 'bucket is missing'],
    ['gs://bucket', 'no kind of store'],
    ['https://bucket.s3.amazonaws.com', 'no kind of store'],
    ['file:', 'path is missing'],
    ['s3:/bucket', '"//" is missing'],
    ['~/vault', '"~" is no folder here'],
    ['${HOME}/vault', 'variables are not replaced'],
    ['file://host/path', 'absolute path'],
  ])('%j is refused', (address, why) => {
    expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    expect(() => parseAddress(address)).toThrow(why);
  });

  it('does not repeat credentials that were written into one', () => {
    expect(() => parseAddress('s3+https://key:verysecret@host/bucket')).toThrow(/holds credentials/);
    expect(() => parseAddress('s3+https://key:verysecret@host/bucket')).not.toThrow(/verysecret/);
  });
});

describe('openStore', () => {
  it('opens a folder relative to the one given, and keeps the address for people', async () => {
    const store = await openStore('./vault', { runtime, folder, create: true });
    await store.put('a/b', [utf8('x')]);
    expect(store.address).toBe('./vault');
    expect(store.capabilities.filePath?.('a/b')).toBe(join(folder, 'vault/a/b'));
    await store.close();
  });

  it('says that a folder is missing, and that something is none', async () => {
    await expect(openStore('./nowhere', { runtime, folder })).rejects.toMatchObject({ code: 'storage.bucket-missing' });
    await writeFile(join(folder, 'file'), 'x');
    await expect(openStore('./file', { runtime, folder })).rejects.toMatchObject({ code: 'config.invalid' });
    await expect(openStore('./file', { runtime, folder, create: true })).rejects.toMatchObject({
      code: 'config.invalid',
    });
    await expect(openStore('./file/below', { runtime, folder })).rejects.toMatchObject({ code: 'config.invalid' });
    await mkdir(join(folder, 'empty'));
    await (await openStore('./empty', { runtime, folder })).close();
  });
});
