import { join } from 'node:path';
import { passphrase, runner, type Peer } from '../peer.ts';

export const kopia: Peer = {
  name: 'kopia',
  version: ['kopia', '--version'],
  install: 'go install github.com/kopia/kopia@latest',
  settings: 'zstd-fastest (its default is none), AES-256-GCM with BLAKE2b (default)',
  open({ folder, source }) {
    const repository = join(folder, 'repository');
    const run = runner(folder, {
      KOPIA_PASSWORD: passphrase,
      KOPIA_CONFIG_PATH: join(folder, 'repository.config'),
      KOPIA_CACHE_DIRECTORY: join(folder, 'cache'),
      KOPIA_LOG_DIR: join(folder, 'logs'),
      KOPIA_CHECK_FOR_UPDATES: 'false',
    });
    return {
      repository,
      create() {
        run('mkdir', '-p', repository);
        run('kopia', 'repository', 'create', 'filesystem', '--path', repository);
        run('kopia', 'policy', 'set', '--global', '--compression', 'zstd-fastest');
      },
      backup: () => run('kopia', 'snapshot', 'create', source),
      reread: () => run('kopia', 'snapshot', 'create', '--force-hash', '100', source),
      // A path in the place of an id: its newest snapshot.
      restore: (target) => run('kopia', 'restore', source, target),
      restored: (target) => target,
    };
  },
};
