import { join } from 'node:path';
import { holdfastIn, localConfiguration } from '../../command.ts';
import { passphrase, type Peer } from '../peer.ts';

/** The built command line in `root`: configuration, unlocking, discovery, snapshot and manifest are all in it. */
export function holdfast(root: string): Peer {
  return {
    name: 'holdfast',
    version: [process.execPath, join(root, 'dist/cli/main.js'), '--version'],
    install: 'npm run build',
    settings: 'zstd, AES-256-GCM (default)',
    open({ folder, source }) {
      const { run } = holdfastIn(folder, root, localConfiguration('bench', source), {
        HOLDFAST_PASSPHRASE: passphrase,
        HOLDFAST_CACHE_DIR: join(folder, 'cache'),
      });
      return {
        repository: join(folder, 'vault'),
        create: () => void run(['init', '--yes']),
        backup: () => run(['snapshot', '--quiet']),
        reread: () => run(['snapshot', '--quiet', '--reread']),
        restore: (target) => run(['restore', 'latest', '--to', target, '--yes', '--quiet']),
        restored: (target) => join(target, 'local/bench'),
      };
    },
  };
}
