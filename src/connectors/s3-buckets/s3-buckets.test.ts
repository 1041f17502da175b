import * as sdk from '@aws-sdk/client-s3';
import { cleanedUpAfterAll } from '../../../test/cleanups.ts';
import { startMoto, useEndpoints } from '../../../test/emulators/index.ts';
import { describeConnector } from '../conformance.ts';
import { connector } from './index.ts';
import { readBack } from './read-back-for-test.ts';
import { put, remove, seedBuckets, testClient, wipe } from './seed-for-test.ts';

const cleanups = cleanedUpAfterAll();

describeConnector('s3-buckets', async () => {
  const moto = await startMoto();
  cleanups.push(() => moto.stop(), useEndpoints({ all: moto.endpoint }));
  const s3 = testClient();
  return {
    connector,
    options: connector.options.parse({}),
    region: 'us-east-1',
    seed: async () => await seedBuckets(s3),
    readBack: async () => [await readBack(s3, 'acme-site'), await readBack(s3, 'acme-plain')],
    damage: async () => {
      // Half of the objects, some for good and some under a delete marker; overwritten; relabelled; extra; configuration.
      await wipe(s3, 'acme-site', 'history/wiped');
      await wipe(s3, 'acme-site', 'big/');
      await wipe(s3, 'acme-site', 'config/');
      await remove(s3, 'acme-site', 'history/kept');
      await remove(s3, 'acme-site', '😀');
      await remove(s3, 'acme-site', 'a//b');
      await put(s3, 'acme-site', 'cool', 'overwritten');
      await s3.send(new sdk.DeleteBucketCorsCommand({ Bucket: 'acme-site' }));
      await s3.send(new sdk.DeleteBucketPolicyCommand({ Bucket: 'acme-site' }));
      await s3.send(
        new sdk.PutBucketTaggingCommand({ Bucket: 'acme-site', Tagging: { TagSet: [{ Key: 'x', Value: 'y' }] } }),
      );
      for (let i = 0; i < 30; i += 2) await remove(s3, 'acme-plain', `n/${i}`);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      await put(s3, 'acme-plain', 'changed', 'replaced');
      await put(s3, 'acme-plain', 'relabelled', 'same bytes', { ContentType: 'text/html' });
      await put(s3, 'acme-plain', 'extra', 'new since');
      await s3.send(
        new sdk.PutBucketWebsiteCommand({
          Bucket: 'acme-plain',
          WebsiteConfiguration: { IndexDocument: { Suffix: 'x' } },
        }),
      );
    },
  };
});
