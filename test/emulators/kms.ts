/** Makes a KMS key in moto, which reads nothing of a request's signature but its region; returns the ARN. */
export async function createKmsKey(endpoint: string, region: string): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.CreateKey',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261121/${region}/kms/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: '{}',
  });
  const { KeyMetadata } = (await answer.json()) as { KeyMetadata?: { Arn?: string } };
  if (KeyMetadata?.Arn === undefined) throw new Error(`CreateKey answered ${answer.status}`);
  return KeyMetadata.Arn;
}
