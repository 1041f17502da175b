import type { CloudFront } from '@aws-sdk/client-cloudfront';
import { displayBytes } from '../../kernel/bytes.ts';
import { resourceKey, type CapturedResource } from '../../kernel/entry.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { RestoreContext } from '../contract.ts';
import { rewriteJson } from '../rewrite.ts';
import { cloudFrontClient, everyPage } from './calls.ts';
import { plainObject, text, type Document } from './documents.ts';
import type { CloudFrontOptions } from './options.ts';
import { sharedKinds } from './shared.ts';
import { sharedWriters, type SharedWriter } from './shared-write.ts';

export type Context = RestoreContext<CloudFrontOptions>;

/** Something shared as it was captured, and where it is now. */
export interface SharedItem {
  readonly writer: SharedWriter;
  /** `cache-policies/<id>.json` */
  readonly key: string;
  readonly oldId: string;
  readonly document: Document;
  readonly live: { readonly id: string; readonly document: Document } | undefined;
}

export interface SharedTarget {
  readonly client: CloudFront;
  readonly resource: string;
  readonly items: readonly SharedItem[];
  /** A captured document with the identities of the target: those of this restore and those that were there before. */
  translate(document: Document): Document;
}

/** The captured items of the writable kinds beside those of the target: the same id, else the same name. */
export async function sharedTarget(
  context: Context,
  captured: CapturedResource,
  folders: (folder: string) => boolean = () => true,
): Promise<SharedTarget> {
  const client = await cloudFrontClient(context.aws);
  const resource = resourceKey(captured.ref);
  const items: SharedItem[] = [];
  for (const writer of sharedWriters) {
    if (!folders(writer.folder)) continue;
    const wanted = await capturedItems(captured, writer.folder);
    if (wanted.length === 0) continue;
    const there = await listKind(client, writer.folder, resource);
    for (const { key, document } of wanted) {
      const oldId = idOf(writer.folder, document);
      const name = writer.nameOf(document);
      const live =
        there.find((one) => one.id === oldId) ??
        there.find((one) => name !== undefined && writer.nameOf(one.document) === context.rename(name)) ??
        (name === undefined ? await byReference(client, there, oldId, resource) : undefined);
      items.push({ writer, key, oldId, document, live });
    }
  }
  const known = new Map(items.flatMap(({ writer, oldId, document, live }) => moved(writer, oldId, document, live)));
  for (const [from, to] of known) if (from !== to) context.learn?.(from, to);
  const here = { get: (old: string) => known.get(old), move: (arn: string) => arn, region: (name: string) => name };
  return {
    client,
    resource,
    items,
    translate: (document) => plainObject(rewriteJson(context.rewrite(document), here)),
  };
}

/** Old identities and what they are now. */
export function moved(
  writer: SharedWriter,
  oldId: string,
  document: Document,
  live: SharedItem['live'],
): (readonly [string, string])[] {
  if (!live) return [];
  const now = writer.identities?.(live.document) ?? [];
  const others = (writer.identities?.(document) ?? []).map((old, i) => [old, now[i] ?? old] as const);
  return [[oldId, live.id] as const, ...others].filter(([old]) => old !== '');
}

async function listKind(
  client: CloudFront,
  folder: string,
  resource: string,
): Promise<{ id: string; document: Document }[]> {
  const found: { id: string; document: Document }[] = [];
  for (const kind of sharedKinds.filter((one) => one.folder === folder))
    for await (const item of everyPage(kind.operation, resource, (from) => kind.page(client, from))) {
      const document = plainObject(item);
      found.push({ id: idOf(folder, document), document });
    }
  return found;
}

/** What is compared: everything that can be said about it. An empty comment is none, and a key may end in a line break. */
export function sameConfig(writer: SharedWriter, a: Document, b: Document): boolean {
  const comparable = (document: Document): string => {
    const said = Object.entries(writer.config(document)).filter(([, value]) => value !== '');
    const trimmed = said.map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value]);
    return canonicalJson(Object.fromEntries(trimmed) as Json);
  };
  return comparable(a) === comparable(b);
}

/** The reference under which a restore creates what has no name, so that it is found again. */
export function sharedReference(oldId: string): string {
  return `holdfast-${oldId}`;
}

function idOf(folder: string, document: Document): string {
  const kind = sharedKinds.find((one) => one.folder === folder);
  return kind?.idOf?.(document) ?? text(document['Id']);
}

async function capturedItems(
  captured: CapturedResource,
  folder: string,
): Promise<{ key: string; document: Document }[]> {
  const found: { key: string; document: Document }[] = [];
  for await (const entry of captured.entries('', { prefix: Buffer.from(`${folder}/`) })) {
    const key = displayBytes(entry.key);
    const document = await captured.json('', key);
    if (document !== undefined) found.push({ key, document: document as Document });
  }
  return found;
}

/** Origin access identities have no names: the one that an earlier restore made is known by its caller reference. */
async function byReference(
  client: CloudFront,
  there: readonly { readonly id: string; readonly document: Document }[],
  oldId: string,
  resource: string,
): Promise<{ id: string; document: Document } | undefined> {
  for (const one of there) {
    const asked = client.getCloudFrontOriginAccessIdentityConfig({ Id: one.id });
    const found = await required(asked, 'GetCloudFrontOriginAccessIdentityConfig', resource);
    if (found.CloudFrontOriginAccessIdentityConfig?.CallerReference === sharedReference(oldId)) return one;
  }
  return undefined;
}

/** Whether a restriction to some entries leaves this one in. */
export function isChosen({ only }: Context, key: string): boolean {
  return !only || Buffer.from(key).subarray(0, only.prefix.length).equals(only.prefix);
}
