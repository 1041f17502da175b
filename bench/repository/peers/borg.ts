import { join } from 'node:path';
import { inFolder, passphrase, runner, type Peer } from '../peer.ts';

export const borg: Peer = {
  name: 'borg',
  version: ['borg', '--version'],
  install: 'Debian: apt-get install borgbackup',
  settings: 'lz4 (default), AES-256-CTR with BLAKE2b (repokey-blake2)',
  open({ folder, source }) {
    const repository = join(folder, 'repository');
    // Its caches, keys and what it knows of repositories lie below BORG_BASE_DIR.
    const run = runner(folder, { BORG_REPO: repository, BORG_PASSPHRASE: passphrase, BORG_BASE_DIR: folder });
    let archives = 0;
    const nextArchive = (): string => `::bench-${++archives}`;
    return {
      repository,
      create: () => void run('borg', 'init', '--encryption', 'repokey-blake2'),
      backup: () => run('borg', 'create', nextArchive(), source),
      reread: () => run('borg', 'create', '--files-cache', 'disabled', nextArchive(), source),
      restore: (target) => run(...inFolder(target, 'borg', 'extract', `::bench-${archives}`)),
      restored: (target) => join(target, source),
    };
  },
};
