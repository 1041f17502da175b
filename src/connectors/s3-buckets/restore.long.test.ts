import * as sdk from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startFaultProxy, startMoto, useEndpoints, type FaultProxy } from '../../../test/emulators/index.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { CapturedResource } from '../../kernel/entry.ts';
import { conformanceContext } from '../conformance.ts';
import type { ActionOutcome, RestoreContext } from '../contract.ts';
import { connector } from './index.ts';
import type { S3BucketsOptions } from './options.ts';
import { readBack } from './read-back-for-test.ts';
import { captureBucket, put, remove, seedBuckets, testClient, versionsOf, wipe } from './seed-for-test.ts';
import { optional } from '../aws/classify.ts';

let proxy: FaultProxy;
let s3: sdk.S3Client;
let site: CapturedResource;
let plain: CapturedResource;
const cleanups = cleanedUpAfterAll();

beforeAll(async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop());
  proxy = await startFaultProxy(moto.endpoint);
  cleanups.push(() => proxy.stop(), useEndpoints({ all: proxy.endpoint }));
  s3 = testClient();
  await seedBuckets(s3);
  site = await snapshotOf('acme-site');
  plain = await snapshotOf('acme-plain');
});

async function snapshotOf(name: string): Promise<CapturedResource> {
  return (await captureBucket(context(), name)).captured;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}

/** A context that restores every bucket under a name of its own, so that tests do not meet. */
function context(change: Partial<RestoreContext<S3BucketsOptions>> = {}): RestoreContext<S3BucketsOptions> {
  return { ...conformanceContext(connector.options.parse({}), 'us-east-1', 'global').context, ...change };
}

function to(name: string, change: Partial<RestoreContext<S3BucketsOptions>> = {}): RestoreContext<S3BucketsOptions> {
  return context({ rename: () => name, ...change });
}

async function restore(
  where: RestoreContext<S3BucketsOptions>,
  captured: CapturedResource,
): Promise<ReadonlyMap<string, ActionOutcome>> {
  const live = must(connector.live);
  const outcomes = new Map<string, ActionOutcome>();
  for (const action of await live.plan(where, captured))
    outcomes.set(action.operation, await live.apply(where, action, captured));
  return outcomes;
}

async function planned(where: RestoreContext<S3BucketsOptions>, captured: CapturedResource): Promise<string[]> {
  return (await must(connector.live).plan(where, captured)).map(({ title }) => title);
}

async function textOf(Bucket: string, Key: string): Promise<string | undefined> {
  const answer = await optional(s3.send(new sdk.GetObjectCommand({ Bucket, Key })), 'GetObject', Key, 'NoSuchKey');
  return await answer?.Body?.transformToString();
}

describe('restore of a bucket', { timeout: 60_000 }, () => {
  it('makes a missing bucket again, under another name, with everything it had', async () => {
    const outcomes = await restore(to('site-copy'), site);
    expect(outcomes.get('create-bucket')).toMatchObject({
      class: 'new-identity',
      identities: [{ from: 'arn:aws:s3:::acme-site', to: 'arn:aws:s3:::site-copy' }, expect.anything()],
    });
    expect(outcomes.get('put-objects')).toMatchObject({ class: 'new-identity', failures: [] });
    const [was, is] = [await readBack(s3, 'acme-site'), await readBack(s3, 'site-copy')];
    expect(JSON.parse(JSON.stringify(is).replaceAll('site-copy', 'acme-site'))).toEqual(
      JSON.parse(JSON.stringify(was)),
    );
    expect(await planned(to('site-copy'), site)).toEqual([]);
  });

  it('reads the contents of what it writes, and of nothing else', async () => {
    const where = to('site-contents', { mode: 'revert-changed' });
    const read = async (captured: CapturedResource): Promise<string[]> => {
      const keys: string[] = [];
      for await (const entry of must(must(connector.live).contents)(where, captured))
        keys.push(`${entry.size} ${Buffer.from(entry.key).toString()}`);
      return keys;
    };
    const all = await read(plain);
    let entries = 0;
    for await (const entry of plain.entries('objects')) if (entry.kind === 'blob') entries++;
    expect(all.length).toBe(entries);
    await restore(where, plain);
    expect(await read(plain)).toEqual([]);
    await s3.send(new sdk.DeleteObjectCommand({ Bucket: 'site-contents', Key: must(all[0]?.split(' ')[1]) }));
    expect(await read(plain)).toEqual([all[0]]);
  });

  it('creates it in the region it was in', async () => {
    await restore(to('plain-copy'), plain);
    const location = await s3.send(new sdk.GetBucketLocationCommand({ Bucket: 'plain-copy' }));
    expect(location.LocationConstraint).toBe('eu-west-1');
  });

  it('leaves a bucket alone that has the name in another region than the one asked for', async () => {
    await s3.send(new sdk.CreateBucketCommand({ Bucket: 'plain-here' }));
    const elsewhere = to('plain-here', { askedRegion: 'eu-west-1', mode: 'exact' });
    await expect(planned(elsewhere, plain)).rejects.toMatchObject({
      code: 'item.conflict',
      message: 'a bucket plain-here is in us-east-1, so that there can be none in eu-west-1',
    });
    expect(await versionsOf(s3, 'plain-here', '')).toEqual([]);
    expect(await planned(to('plain-free', { askedRegion: 'us-west-2' }), plain)).not.toEqual([]);
  });

  it('goes on after it was cut off, and writes nothing twice', async () => {
    proxy.addFault({
      kind: 'deny',
      match: ({ method, path }) => method === 'PUT' && /plain-twice\/n\/[12]/.test(path),
    });
    const first = await restore(to('plain-twice'), plain);
    proxy.clearFaults();
    const failed = must(first.get('put-objects')?.failures).length;
    expect(failed).toBe(22);
    const second = await restore(to('plain-twice'), plain);
    expect([...second.keys()]).toEqual(['put-objects']);
    expect(second.get('put-objects')).toMatchObject({ items: failed, failures: [] });
    expect(await planned(to('plain-twice'), plain)).toEqual([]);
  });

  it('finishes a history of which only the oldest version was written', async () => {
    await restore(to('site-half'), site);
    await wipe(s3, 'site-half', 'history/wiped');
    await put(s3, 'site-half', 'history/wiped', 'a', { Metadata: { version: 'a' } });
    expect(await planned(to('site-half'), site)).toEqual(['write 1 object to site-half: 1 changed']);
    await restore(to('site-half'), site);
    expect(await textOf('site-half', 'history/wiped')).toBe('c');
    expect((await versionsOf(s3, 'site-half', 'history/wiped')).length).toBe(3);
  });

  it('takes delete markers away, so that the object is itself again', async () => {
    await restore(to('site-marked'), site);
    const [before] = await versionsOf(s3, 'site-marked', 'cool');
    const snapshot = await snapshotOf('site-marked');
    await remove(s3, 'site-marked', 'cool');
    const same = context({ mode: 'create-missing' });
    expect(await planned(same, snapshot)).toEqual(['write 1 object to site-marked: 1 to undelete']);
    expect((await restore(same, snapshot)).get('put-objects')).toMatchObject({ class: 'exact', items: 1 });
    expect((await versionsOf(s3, 'site-marked', 'cool')).map(({ VersionId }) => VersionId)).toEqual([
      before?.VersionId,
    ]);
  });

  it('does in each mode what the mode says', async () => {
    await restore(to('plain-modes'), plain);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await put(s3, 'plain-modes', 'changed', 'replaced');
    await put(s3, 'plain-modes', 'extra', 'new');
    await remove(s3, 'plain-modes', 'n/1');
    await restore(to('plain-modes', { mode: 'create-missing' }), plain);
    const texts = async (): Promise<(string | undefined)[]> => [
      await textOf('plain-modes', 'n/1'),
      await textOf('plain-modes', 'changed'),
      await textOf('plain-modes', 'extra'),
    ];
    expect(await texts()).toEqual(['plain 1', 'replaced', 'new']);
    await restore(to('plain-modes', { mode: 'revert-changed' }), plain);
    expect(await texts()).toEqual(['plain 1', 'original', 'new']);
    await restore(to('plain-modes', { mode: 'exact' }), plain);
    expect(await texts()).toEqual(['plain 1', 'original', undefined]);
  });

  it('never deletes an object that was there but could not be captured', async () => {
    const Bucket = 'plain-partial';
    await s3.send(new sdk.CreateBucketCommand({ Bucket }));
    for (const key of ['a', 'b']) await put(s3, Bucket, key, key);
    proxy.addFault({ kind: 'deny', match: ({ method, path }) => method === 'GET' && path.startsWith(`/${Bucket}/b`) });
    const partial = await captureBucket(context(), Bucket);
    proxy.clearFaults();
    expect(partial.failures.length).toBe(1);
    await restore(context({ mode: 'exact' }), partial.captured);
    expect(await textOf(Bucket, 'b')).toBe('b');
  });

  it('restricts itself to what is asked for', async () => {
    await restore(to('plain-some'), plain);
    for (const key of ['n/1', 'n/10', 'n/2']) await remove(s3, 'plain-some', key);
    await restore(to('plain-some', { only: { collection: 'objects', prefix: utf8('n/1') } }), plain);
    expect([await textOf('plain-some', 'n/10'), await textOf('plain-some', 'n/2')]).toEqual(['plain 10', undefined]);
    await s3.send(new sdk.DeleteBucketCorsCommand({ Bucket: 'acme-site' }));
    const cors = context({ only: { collection: '', prefix: utf8('config/cors') } });
    expect(await planned(cors, site)).toEqual(['put cors of acme-site']);
    await restore(cors, site);
  });

  it('sends a large object in parts', async () => {
    const Bucket = 'large';
    const body = Buffer.alloc(17 * 1024 * 1024, 'large object ');
    await s3.send(new sdk.CreateBucketCommand({ Bucket }));
    await put(s3, Bucket, 'file', body, { ContentType: 'application/x-large' });
    const captured = await snapshotOf(Bucket);
    await remove(s3, Bucket, 'file');
    proxy.addFault({ kind: 'error500', times: 1, match: ({ path }) => path.includes('partNumber=2') });
    expect((await restore(context(), captured)).get('put-objects')).toMatchObject({ failures: [] });
    proxy.clearFaults();
    const answer = await s3.send(new sdk.GetObjectCommand({ Bucket, Key: 'file' }));
    expect(answer.ETag).toMatch(/-3"$/);
    expect(answer.ContentType).toBe('application/x-large');
    expect(Buffer.from(must(await answer.Body?.transformToByteArray())).equals(body)).toBe(true);
    // The ETag is another one now, and the bytes are the same: computed from the snapshot, not downloaded.
    const run = conformanceContext(connector.options.parse({}), 'us-east-1', 'global');
    expect(await planned(run.context, captured)).toEqual([]);
    expect(run.calls.filter(({ operation }) => operation === 'GetObject')).toEqual([]);
    await remove(s3, Bucket, 'file');
    proxy.addFault({ kind: 'deny', match: ({ path }) => path.includes('partNumber=3') });
    expect((await restore(context(), captured)).get('put-objects')?.failures).toMatchObject([{ code: 'item.denied' }]);
    proxy.clearFaults();
    expect((await s3.send(new sdk.ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });

  it('says so when the name belongs to somebody else', async () => {
    proxy.addFault({ kind: 'deny', match: ({ method, path }) => method === 'HEAD' && path.startsWith('/taken') });
    await expect(planned(to('taken'), plain)).rejects.toMatchObject({
      code: 'item.conflict',
      hint: expect.stringContaining('--rename taken='),
    });
    proxy.clearFaults();
  });
});
