import { receiveWal } from '../../../estate/wal/receive.ts';
import type { HoldfastEvent } from '../../../kernel/events.ts';
import type { CommandContext, Exit } from '../../context.ts';
import { openConfig, openRepository } from '../../wiring.ts';
import { clusterSource } from './source.ts';

export interface ReceiveOptions {
  readonly flush: number;
  readonly maxRetained?: number;
  readonly newSlot?: true;
}

/** Runs until it is told to stop, which is no failure. */
export async function runReceive(context: CommandContext, name: string, options: ReceiveOptions): Promise<Exit> {
  const { output, runtime, signal } = context;
  const config = await openConfig(context);
  const source = clusterSource(config, name);
  const repository = await openRepository(context, config);
  const request = {
    source,
    flushMs: options.flush,
    maxRetained: options.maxRetained,
    newSlot: options.newSlot === true,
  };
  const events = (event: HoldfastEvent): void => {
    if (event.type === 'notice' && event.level === 'info') output.say(`${event.message}.`);
    else context.events(event);
  };
  await receiveWal({ repository, request, runtime, events, signal });
  output.say('Stopped.');
  return 0;
}
