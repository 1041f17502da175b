import type { CaptureSink } from '../../kernel/capture.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { captureAccount } from './capture-account.ts';
import { captureZone } from './capture-zone.ts';
import { accountResource } from './names.ts';
import type { Options } from './options.ts';
import { partsOf } from '../part.ts';

export async function capture(
  context: ConnectorContext<Options>,
  resource: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const part = partsOf(sink);
  if (resource.ref.name === accountResource) await captureAccount(context, resource, sink, part);
  else await captureZone(context, resource, sink, part);
}
