import { noise, type Contents } from '../repository/small-repository.ts';

function files(names: string, seed: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, noise(3000, `${seed}/${name}`)]));
}

/** In a snapshot that stays; in one that is forgotten while the writer is stopped; what the writer stores, mostly the same. */
export const kept: Contents = { tools: files('a b c d', 'kept') };
export const gone: Contents = { tools: { ...files('a b', 'kept'), ...files('e f g h', 'gone') } };
export const wanted: Contents = {
  tools: { ...files('b c', 'kept'), ...files('e f g h', 'gone') },
  logs: files('n', 'new'),
};
