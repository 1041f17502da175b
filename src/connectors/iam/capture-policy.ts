import type { ManagedPolicyDetail } from '@aws-sdk/client-iam';
import { required } from '../aws/classify.ts';
import { iam, plain, tagRecord } from './client.ts';
import { arnName } from './listed.ts';
import { addDocument, type Capture } from './part.ts';
import { policyDocument } from './policy-document.ts';

/** `policy.json` and every version: `versions/v3.json`, with the attribute `default`. */
export async function capturePolicy(capture: Capture, detail: ManagedPolicyDetail): Promise<void> {
  const { aws, part, resource, sink } = capture;
  const { Arn, Path, DefaultVersionId, CreateDate } = detail;
  // The details lack tags, and the description of most policies.
  const got = await part({ collection: '', key: 'policy.json' }, async () => {
    const { client, sdk } = await iam(aws);
    return (await required(client.send(new sdk.GetPolicyCommand({ PolicyArn: Arn })), 'GetPolicy', resource)).Policy;
  });
  await addDocument(
    capture,
    'policy.json',
    plain({
      Arn,
      Path,
      PolicyName: arnName(Arn),
      PolicyId: detail.PolicyId ?? got?.PolicyId,
      DefaultVersionId,
      Description: detail.Description ?? got?.Description,
      CreateDate,
      Tags: got && tagRecord(got.Tags),
    }),
  );
  const collection = 'versions';
  for (const { VersionId, Document = '', IsDefaultVersion = false, CreateDate: created } of detail.PolicyVersionList ??
    []) {
    const key = `${VersionId}.json`;
    await part({ collection, key }, async () => {
      const document = policyDocument(Document, `${resource}/${collection}/${VersionId}`);
      const attributes = { default: IsDefaultVersion, created: plain(created ?? null) };
      await sink.collection(collection, { order: 'unsorted' }).add({ key, kind: 'document', document, attributes });
    });
  }
  const numbers = (detail.PolicyVersionList ?? []).map(({ VersionId = '' }) => Number(VersionId.slice(1)));
  if (numbers.every((number) => number <= numbers.length)) return;
  sink.note({
    class: 'new-identity',
    what: 'numbers of the versions',
    why: 'IAM numbers the versions of a policy that is created again from v1',
    action: 'name the version in force in scripts, never one by its number',
  });
}
