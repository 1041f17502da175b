import { join } from 'node:path';
import { passphrase, runner, type Peer } from '../peer.ts';

export const restic: Peer = {
  name: 'restic',
  version: ['restic', 'version'],
  install: 'Debian: apt-get install restic',
  settings: 'zstd (compression auto), AES-256-CTR with Poly1305 (default)',
  open({ folder, source }) {
    const repository = join(folder, 'repository');
    const run = runner(folder, {
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: passphrase,
      RESTIC_CACHE_DIR: join(folder, 'cache'),
    });
    return {
      repository,
      create: () => void run('restic', '-q', 'init'),
      backup: () => run('restic', '-q', 'backup', source),
      reread: () => run('restic', '-q', 'backup', '--force', source),
      restore: (target) => run('restic', '-q', 'restore', 'latest', '--target', target),
      restored: (target) => join(target, source),
    };
  },
};
