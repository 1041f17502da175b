import { type Contents } from '../repository/small-repository.ts';
import { namedFiles } from '../repository/noisy-files.ts';

/** In a snapshot that stays; in one that is forgotten while the writer is stopped; what the writer stores, mostly the same. */
export const kept: Contents = { tools: namedFiles('a b c d', 'kept') };
export const gone: Contents = { tools: { ...namedFiles('a b', 'kept'), ...namedFiles('e f g h', 'gone') } };
export const wanted: Contents = {
  tools: { ...namedFiles('b c', 'kept'), ...namedFiles('e f g h', 'gone') },
  logs: namedFiles('n', 'new'),
};
