import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { expectError } from '../../../../test/cli/local-estate.ts';
import { clusterEstate } from '../../../../test/pitr/cluster-estate.ts';

test('a server that cannot be reached, and a target that cannot, are said before anything is written', async () => {
  const estate = await clusterEstate(18);
  try {
    expect((await estate.run(['snapshot'])).status).toBe(0);
    const restore = ['wal', 'restore', 'latest:postgres-cluster/app', '--to', 'out'];
    expectError(await estate.run([...restore, '--target-lsn', 'F/0']), 'wal.not-found', 1);
    expectError(await estate.run([...restore, '--target-time', '2001-01-01T00:00:00Z']), 'wal.not-found', 1);
    expectError(await estate.run([...restore, '--target-time', 'yesterday']), 'usage.invalid', 2);
    expect(await readdir(estate.folder)).not.toContain('out');
    const env = { ...estate.env, PGURL: 'postgres://someone:geheim@127.0.0.1:1/x' };
    const refused = await estate.run(['snapshot'], { env });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('ECONNREFUSED');
    expect(refused.stderr + refused.stdout).not.toContain('geheim');
  } finally {
    await estate.remove();
  }
});
