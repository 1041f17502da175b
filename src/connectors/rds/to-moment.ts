import { HoldfastError } from '../../kernel/errors.ts';
import type { Foreseen, Scene } from '../documents/contract.ts';

/** The database whose past is asked for, as RDS has it now; undefined where it was deleted. */
export interface Past {
  readonly resource: string;
  readonly at: number;
  readonly latest: Date | undefined;
  readonly earliest?: Date | undefined;
}

/**
 * Says in the plan which moment it would be. Throws item.invalid for one that RDS cannot take a database back to; of a
 * deleted database RDS says so itself, when it is asked.
 */
export function foreseeMoment({ resource, at, latest, earliest }: Past): Foreseen {
  const wanted = new Date(at).toISOString();
  if ((latest && at > latest.getTime()) || (earliest && at < earliest.getTime())) {
    const from = earliest ? `from ${earliest.toISOString()} ` : '';
    const to = latest ? `to ${latest.toISOString()}` : '';
    throw new HoldfastError('item.invalid', `RDS can take ${resource} back ${from}${to}, not to ${wanted}`, {
      resource,
      hint: 'Ask for a moment in between; RDS is about five minutes behind.',
    });
  }
  return { title: ` as it was at ${wanted}` };
}

/**
 * Throws item.conflict where what has the name was there at that moment: it is the original, and not what this restore makes
 * of its past, which is younger.
 */
export function refuseOriginal({ at }: Scene<unknown>, resource: string, madeAt: Date | undefined): void {
  if (at === undefined || madeAt === undefined || madeAt.getTime() > at) return;
  const name = resource.split('/').at(-1) ?? '';
  throw new HoldfastError('item.conflict', `${resource} is there, and what it was before cannot take its name`, {
    resource,
    hint: `Give that another one: --rename ${name}=${name}-before`,
  });
}
