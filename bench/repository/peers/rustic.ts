import { join } from 'node:path';
import { passphrase, runner, type Peer } from '../peer.ts';

export const rustic: Peer = {
  name: 'rustic',
  version: ['rustic', '--version'],
  install: 'cargo install rustic-rs --locked',
  settings: 'zstd, AES-256-CTR with Poly1305 (default)',
  open({ folder, source }) {
    const repository = join(folder, 'repository');
    const run = runner(folder, {
      RUSTIC_REPOSITORY: repository,
      RUSTIC_PASSWORD: passphrase,
      RUSTIC_CACHE_DIR: join(folder, 'cache'),
      RUSTIC_NO_PROGRESS: 'true',
      RUSTIC_LOG_LEVEL: 'warn',
      // No settings of whoever runs this.
      XDG_CONFIG_HOME: join(folder, 'config'),
    });
    return {
      repository,
      create: () => void run('rustic', 'init'),
      backup: () => run('rustic', 'backup', source),
      reread: () => run('rustic', 'backup', '--force', source),
      restore: (target) => run('rustic', 'restore', `latest:${source}`, target),
      restored: (target) => target,
    };
  },
};
