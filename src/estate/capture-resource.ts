import type { CaptureSink } from '../kernel/capture.ts';
import type { ErrorCode } from '../kernel/codes.ts';
import { HoldfastError, isItemError, toRecord } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { ResourceRecord } from '../repository/contract.ts';
import type { ResourceSession, Session } from '../repository/session/contract.ts';
import type { CaptureMoment, ConnectorContext } from '../connectors/contract.ts';
import { noteMoment } from './moment.ts';
import type { FoundResource } from './sources.ts';

/** The resource under its name in the estate, as the session records it. */
export async function openInSession(session: Session, resource: FoundResource): Promise<ResourceSession> {
  const { ref, target, discovered, site, environment } = resource;
  return await session.resource({
    ref,
    source: target.source.name,
    tags: discovered.tags,
    ...(site === undefined ? {} : { site }),
    ...(environment === undefined ? {} : { environment }),
  });
}

/**
 * Captures one resource. What is denied, throttled or gone costs items and makes the record partial; other errors are thrown.
 * Returns undefined when the context's signal was aborted meanwhile: what the abort cut off must not look like a failure of
 * the estate, so the record is left unfinished for --resume. `moment`: tells when to begin, and is told which moment that became.
 */
export async function captureResource(
  context: ConnectorContext,
  resource: FoundResource,
  opened: ResourceSession,
  moment: CaptureMoment,
): Promise<ResourceRecord | undefined> {
  const noted = noteMoment(context.runtime.clock, moment);
  const told = new Set<string>();
  const failed = itemFailures(context.events, resource, told);
  try {
    await resource.target.connector.capture(
      { ...context, moment: noted },
      resource.discovered,
      listening(opened.sink, failed),
    );
  } catch (error) {
    if (context.signal.aborted) return undefined;
    if (!isItemError(error)) throw error;
    failed(error);
    opened.sink.fail(error);
  }
  if (context.signal.aborted) return undefined;
  const record = await opened.finish(noted.shown);
  if (context.signal.aborted && record.failed > 0) return undefined;
  // Failures of content that the sink loaded by itself show only here.
  for (const { code, message } of record.failures)
    if (!told.has(message)) failed(new HoldfastError(code as ErrorCode, message, { resource: resource.key }));
  return record;
}

function itemFailures(events: EventSink, { key, target }: FoundResource, told: Set<string>) {
  return (error: HoldfastError): void => {
    // A bucket may be denied object by object: the record counts them all, people are told of the first ones.
    if (told.size >= mostTold || told.has(error.message)) return;
    told.add(error.message);
    events({ type: 'item.failed', source: target.source.name, resource: key, error: toRecord(error) });
  };
}

const mostTold = 100;

function listening(sink: CaptureSink, failed: (error: HoldfastError) => void): CaptureSink {
  return {
    get root() {
      return sink.root;
    },
    collection: (name, settings) => sink.collection(name, settings),
    ...(sink.increment ? { increment: sink.increment } : {}),
    fail(error, item) {
      failed(error);
      sink.fail(error, item);
    },
    note: (note) => sink.note(note),
  };
}
