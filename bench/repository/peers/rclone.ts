import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { passphrase, runner, type Peer } from '../peer.ts';

/**
 * No backup program: one encrypted copy of each file, without history, compression or deduplication; what copying and
 * encrypting alone cost. Modes and owners are not kept: of links `--metadata` would set those of what they point to.
 */
export const rclone: Peer = {
  name: 'rclone',
  version: ['rclone', 'version'],
  install: 'Debian: apt-get install rclone',
  settings: 'no compression, XSalsa20 with Poly1305 (crypt)',
  open({ folder, source }) {
    const repository = join(folder, 'repository');
    const run = runner(folder, {
      RCLONE_CONFIG: join(folder, 'rclone.conf'),
      RCLONE_CONFIG_VAULT_TYPE: 'crypt',
      RCLONE_CONFIG_VAULT_REMOTE: repository,
      RCLONE_CONFIG_VAULT_PASSWORD: obscured(),
    });
    const sync = ['rclone', '-q', 'sync', '--links', '--create-empty-src-dirs'];
    return {
      repository,
      create: () => void run('touch', join(folder, 'rclone.conf')),
      backup: () => run(...sync, source, 'vault:'),
      reread: () => run(...sync, '--ignore-times', source, 'vault:'),
      restore: (target) => run(...sync, 'vault:', target),
      restored: (target) => target,
    };
  },
};

/** The notation in which rclone takes passwords. */
function obscured(): string {
  return spawnSync('rclone', ['obscure', passphrase], { encoding: 'utf8' }).stdout.trim();
}
