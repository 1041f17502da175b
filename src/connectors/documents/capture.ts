import type { CaptureSink } from '../../kernel/capture.ts';
import { isItemError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import type { DocumentService, Scene } from './contract.ts';
import { addressOf, kindOf, resourceName } from './names.ts';
import { refusal } from './refusal.ts';

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
 * Every kind in turn. A kind whose listing is refused costs itself. Where every one is refused there is nothing to find, and the
 * first refusal is thrown.
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
  let kindsRefused = 0;
  for (const { kind, list } of kinds) {
    try {
      for await (const { name, id, tags = {}, listed, refused: part } of list(afresh(scene))) {
        const ref = { type, name: resourceName(kind, name), id, region, account };
        if (part) {
          refused.push(refusal({ ...ref, name: kind === '' ? name : `${kind}/${name}` }, part));
          continue;
        }
        yield { ref, tags, ...(listed === undefined ? {} : { listed }) };
      }
    } catch (error) {
      if (!isItemError(error)) throw error;
      kindsRefused++;
      refused.push(refusal({ type, name: resourceName(kind, ''), id: `${type}:${kind}`, region, account }, error));
    }
  }
  if (kindsRefused === kinds.length) throw refused[0]?.refused;
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
