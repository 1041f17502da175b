import type { CaptureSink } from '../../kernel/capture.ts';
import { HoldfastError, isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import type { DocumentService, Scene } from './contract.ts';
import { addressOf, kindOf, resourceName } from './names.ts';

/** What a kind that could not be listed is called: its capture asks again and says why. */
const unlisted = 'unlisted';

export async function sceneOf<Client, Options, Context extends ConnectorContext<Options>>(
  service: DocumentService<Client, Options>,
  context: Context,
): Promise<Context & Scene<Client, Options>> {
  return afresh({ ...context, client: await service.client(context.aws) });
}

/** The same scene with nothing asked yet. */
export function afresh<Bare extends object>(scene: Bare): Bare & Pick<Scene<unknown>, 'once'> {
  const asked = new Map<string, Promise<unknown>>();
  return {
    ...scene,
    once<T>(question: string, ask: () => Promise<T>): Promise<T> {
      const answer = asked.get(question) ?? ask();
      asked.set(question, answer);
      return answer as Promise<T>;
    },
  };
}

/**
 * Every kind in turn. A kind whose listing is refused costs itself: its resource `unlisted` is found, and fails. Where every
 * one is refused there is nothing to find, and the first refusal is thrown.
 */
export async function* discover<Client, Options>(
  service: DocumentService<Client, Options>,
  context: ConnectorContext<Options>,
): AsyncGenerator<DiscoveredResource> {
  const { type, kinds, scope } = service;
  const scene = await sceneOf(service, context);
  const { account } = context.aws;
  const region = scope === 'global' ? 'global' : context.aws.region;
  const refused: DiscoveredResource[] = [];
  let first: unknown;
  for (const { kind, list } of kinds) {
    try {
      for await (const { name, id, tags = {}, listed } of list(afresh(scene))) {
        const ref = { type, name: resourceName(kind, name), id, region, account };
        yield { ref, tags, ...(listed === undefined ? {} : { listed }) };
      }
    } catch (error) {
      if (!isItemError(error)) throw error;
      first ??= error;
      const ref = { type, name: resourceName(kind, unlisted), id: `${type}:${kind}:${unlisted}`, region, account };
      refused.push({ ref, tags: {}, listed: { [unlisted]: true } });
    }
  }
  if (refused.length === kinds.length) throw first;
  yield* refused;
}

/** Reads every part. A part that is refused costs that part; a resource that is gone costs the resource. */
export async function capture<Client, Options>(
  service: DocumentService<Client, Options>,
  context: ConnectorContext<Options>,
  { ref, listed }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const kind = kindOf(service, ref);
  const address = addressOf(ref, kind.kind);
  const scene = await sceneOf(service, context);
  if (isUnlisted(listed)) return await captureUnlisted(kind.list(scene), address.resource, sink);
  const documents = new Map<string, Json>();
  const results = await Promise.allSettled(kind.parts.map((part) => part.read(scene, address, listed)));
  for (const [i, result] of results.entries()) {
    const { file, secret } = kind.parts[i] as (typeof kind.parts)[number];
    if (result.status === 'fulfilled') {
      if (result.value === undefined) continue;
      documents.set(file, result.value);
      await sink.root.add({ key: file, kind: 'document', document: result.value, ...(secret ? { secret } : {}) });
    } else if (isItemError(result.reason)) sink.fail(result.reason, { collection: '', key: file });
    else throw result.reason;
  }
  for (const note of kind.notes?.(documents, address, context.options) ?? []) sink.note(note);
}

/** Whether it stands for a kind that could not be listed: nothing of it was captured. */
export function standsForUnlisted({ type, id }: DiscoveredResource['ref'], kind: string): boolean {
  return id === `${type}:${kind}:${unlisted}`;
}

function isUnlisted(listed: Json | undefined): boolean {
  return typeof listed === 'object' && listed !== null && unlisted in listed;
}

async function captureUnlisted(again: AsyncIterable<unknown>, resource: string, sink: CaptureSink): Promise<void> {
  try {
    let found = 0;
    for await (const _ of again) found++;
    const message = `${found} resources could not be listed when discovery asked`;
    sink.fail(new HoldfastError('item.unavailable', message, { resource }));
  } catch (error) {
    if (!isItemError(error)) throw error;
    sink.fail(error);
  }
}
