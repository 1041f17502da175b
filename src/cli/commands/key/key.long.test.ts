import { appendFile, chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectError, localEstate, passphrase, type LocalEstate } from '../../../../test/cli/local-estate.ts';
import { endpointVariables, startMoto, type EmulatorProcess } from '../../../../test/emulators/index.ts';
import { createKmsKey } from '../../../../test/emulators/kms.ts';
import type { KeyInfo } from '../../../repository/keys/contract.ts';

const none = { HOLDFAST_PASSPHRASE: undefined };
let estate: LocalEstate;
let moto: EmulatorProcess;

beforeAll(async () => {
  [estate, moto] = await Promise.all([localEstate(), startMoto()]);
  await estate.run(['snapshot']);
});
afterAll(async () => {
  await moto.stop();
  await estate.remove();
});

async function keys(env = {}): Promise<readonly KeyInfo[]> {
  const { stdout } = await estate.run(['key', 'list', '--json'], env);
  return (JSON.parse(stdout) as { keys: KeyInfo[] }).keys;
}
async function labelled(label: string): Promise<KeyInfo> {
  return (await keys()).find((key) => key.label === label) as KeyInfo;
}

test('a recovery key: made offline, added by its public part, opens where there is no passphrase', async () => {
  const made = await estate.run(['key', 'generate', '--out', 'recovery.key'], none);
  expect(made).toMatchObject({ status: 0 });
  const publicKey = made.stdout.trim();
  expect(publicKey).toMatch(/^holdfast-public-key-1: [a-z2-7-]+$/);
  const file = join(estate.folder, 'recovery.key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expectError(await estate.run(['key', 'generate', '--out', 'recovery.key'], none), 'config.unreadable', 2);
  expect(await estate.run(['key', 'add', '--recipient', publicKey, '--label', 'safe'])).toMatchObject({ status: 0 });
  const listed = await estate.run(['snapshots', '--recovery-key', 'recovery.key'], none);
  expect(listed.stdout).toContain('complete');
  expect((await estate.run(['snapshots'], { ...none, HOLDFAST_RECOVERY_KEY_FILE: file })).status).toBe(0);
  // Read aloud, typed in, in capitals: the checksum finds what went wrong.
  const text = await readFile(file, 'utf8');
  await writeFile(
    join(estate.folder, 'typed.key'),
    text.toUpperCase().replaceAll('-', ' ').replace('HOLDFAST RECOVERY KEY 1', 'holdfast-recovery-key-1'),
    { mode: 0o600 },
  );
  expect((await estate.run(['snapshots', '--recovery-key', 'typed.key'], none)).status).toBe(0);
  await writeFile(
    join(estate.folder, 'wrong.key'),
    text.replace(/([a-z2-7])-\n/, (_, last: string) => `${last === 'a' ? 'b' : 'a'}-\n`),
    { mode: 0o600 },
  );
  const wrong = await estate.run(['snapshots', '--recovery-key', 'wrong.key'], none);
  expectError(wrong, 'key.invalid', 2);
  expect(wrong.stderr).toContain('checksum');
  await chmod(file, 0o644);
  expect((await estate.run(['snapshots', '--recovery-key', 'recovery.key'], none)).stderr).toContain('chmod 600');
});

test('another key than those it was made for: each slot says why it did not open', async () => {
  await estate.run(['key', 'generate', '--out', 'stranger.key'], none);
  const result = await estate.run(['snapshots', '--recovery-key', 'stranger.key'], none);
  expectError(result, 'repository.wrong-key', 2);
  expect(result.stderr).toMatch(/passphrase-scrypt-v1, owner, "passphrase"\): no passphrase was given/);
  expect(result.stderr).toMatch(/x25519-v1, owner, "safe"\): no key file that fits was given/);
});

test('AWS KMS keys of two regions: any one opens it, without anything else', async () => {
  const aws = endpointVariables({ all: moto.endpoint });
  const arns = [await createKmsKey(moto.endpoint, 'us-east-1'), await createKmsKey(moto.endpoint, 'eu-west-1')];
  const added = await estate.run(['key', 'add', ...arns.flatMap((arn) => ['--kms', arn]), '--json'], aws);
  expect(added.status).toBe(0);
  expect(JSON.parse(added.stdout)).toMatchObject({ schema: 1, key: { kind: 'aws-kms-v1', kmsKeys: arns } });
  expect((await estate.run(['snapshots'], { ...none, ...aws })).status).toBe(0);
  expect((await keys({ ...none, ...aws })).find(({ inUse }) => inUse)?.kind).toBe('aws-kms-v1');
  const without = await estate.run(['snapshots'], none);
  expectError(without, 'repository.wrong-key', 2);
  expect(without.stderr).toContain(arns[0]);
  expectError(await estate.run(['key', 'add', '--kms', 'alias/x'], aws), 'key.invalid', 2);
});

test('a writer takes snapshots, and cannot do anything else', async () => {
  const added = await estate.run(['key', 'add', '--writer', '--out', 'web.key', '--label', 'web-1', '--json']);
  expect(JSON.parse(added.stdout)).toMatchObject({ key: { role: 'writer', label: 'web-1' } });
  const writer = { ...none, HOLDFAST_WRITER_KEY_FILE: 'web.key' };
  await appendFile(join(estate.folder, 'tools', 'a.txt'), 'more\n');
  const taken = await estate.run(['snapshot', '--json'], writer);
  expect(taken.status).toBe(0);
  const manifest = JSON.parse(taken.stdout) as { outcome: string; totals: { entries: number }; snapshot: string };
  expect(manifest).toMatchObject({ outcome: 'complete', totals: { entries: 4 } });
  const again = JSON.parse((await estate.run(['snapshot', '--json'], writer)).stdout) as {
    totals: { storedBytes: number };
  };
  expect(again.totals.storedBytes).toBeLessThan(2000);
  for (const args of [['snapshots'], ['key', 'rekey', '--yes'], ['snapshot', '--resume']])
    expectError(await estate.run(args, writer), 'repository.write-only', 2);
  const listed = await estate.run(['snapshots']);
  expect(listed.stdout).toContain('complete*');
  expect(listed.stderr).toContain('* sealed by a writer that cannot read');
  await rm(join(estate.folder, 'out'), { recursive: true, force: true });
  const restored = await estate.run(['restore', manifest.snapshot, '--to', 'out', '--yes']);
  expect(restored.status).toBe(0);
  const files = await readFile(join(estate.folder, 'tools', 'a.txt'), 'utf8');
  expect(files).toContain('more');
  // The text of a writer's key is not taken for a recovery key.
  const mixed = await estate.run(['snapshots', '--recovery-key', 'web.key'], none);
  expectError(mixed, 'key.invalid', 2);
  expect(mixed.stderr).toContain('it holds a writer key');
  const { id } = await labelled('web-1');
  expect((await estate.run(['key', 'revoke', id.slice(0, 14), '--yes'])).stderr).toContain('holdfast key rekey');
  expectError(await estate.run(['snapshot'], writer), 'repository.wrong-key', 2);
});

test('what contradicts itself, and no new key at all', async () => {
  const both = await estate.run(['key', 'add', '--kms', 'a', '--recipient', 'b']);
  expectError(both, 'usage.invalid', 2);
  expectError(await estate.run(['key', 'add']), 'repository.no-passphrase', 2);
});

test('rotate, revoke, rekey: asked for first, told honestly, and refused where nobody could open it', async () => {
  const { id } = await labelled('passphrase');
  expectError(await estate.run(['key', 'rotate', id], { HOLDFAST_NEW_PASSPHRASE: 'x' }), 'usage.needs-confirmation', 2);
  expectError(await estate.run(['key', 'revoke', 'ffff', '--yes']), 'key.not-found', 2);
  const rotated = await estate.run(['key', 'rotate', id, '--yes', '--json'], { HOLDFAST_NEW_PASSPHRASE: 'new one' });
  expect(JSON.parse(rotated.stdout)).toMatchObject({ schema: 1, replaced: id, left: [], key: { label: 'passphrase' } });
  expectError(
    await estate.run(['snapshots'], { HOLDFAST_PASSPHRASE: passphrase, AWS_REGION: 'x' }),
    'repository.wrong-key',
    2,
  );
  const fresh = { HOLDFAST_PASSPHRASE: 'new one' };
  const kms = (await keys(fresh)).find((key) => key.kind === 'aws-kms-v1') as KeyInfo;
  const rekeyed = await estate.run(['key', 'rekey', '--drop', kms.id, '--yes', '--json'], fresh);
  expect(JSON.parse(rekeyed.stdout)).toMatchObject({ schema: 1, epoch: 2, dropped: [kms.id], left: [] });
  expect((await estate.run(['snapshot'], fresh)).status).toBe(0);
  expect((await estate.run(['verify', '--read-data'], fresh)).status).toBe(0);
  const [first, second] = await keys(fresh);
  expect((await estate.run(['key', 'revoke', first?.id ?? '', '--yes'], fresh)).status).toBe(0);
  const last = await estate.run(['key', 'revoke', second?.id ?? '', '--yes'], {
    ...fresh,
    HOLDFAST_RECOVERY_KEY_FILE: 'recovery.key',
  });
  expectError(last, 'repository.last-key', 2);
  const audited = await estate.run(['audit', '--verify'], { ...fresh, HOLDFAST_RECOVERY_KEY_FILE: 'recovery.key' });
  expect(audited.status).toBe(0);
});
