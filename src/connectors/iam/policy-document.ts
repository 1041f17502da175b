import type { AttachedPolicy, PolicyDetail } from '@aws-sdk/client-iam';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { Capture } from './part.ts';

/** IAM returns policy documents percent-encoded (RFC 3986), and some of them plain. Throws item.unreadable. */
export function policyDocument(text: string, resource: string): Json {
  const parsed = parse(text) ?? parse(decode(text) ?? '');
  if (parsed === undefined) {
    throw new HoldfastError('item.unreadable', `the policy document of ${resource} is not JSON`, { resource });
  }
  return parsed;
}

/** Inline policies, each a document of its own: `inline-policies/<name>.json`. */
export async function captureInlinePolicies(
  capture: Capture,
  policies: readonly PolicyDetail[] | undefined,
): Promise<void> {
  const collection = 'inline-policies';
  for (const { PolicyName = '', PolicyDocument = '' } of policies ?? []) {
    const key = `${PolicyName}.json`;
    await capture.part({ collection, key }, async () => {
      const document = policyDocument(PolicyDocument, `${capture.resource}/${collection}/${PolicyName}`);
      await capture.sink.collection(collection, { order: 'unsorted' }).add({ key, kind: 'document', document });
    });
  }
}

export function attachedArns(policies: readonly AttachedPolicy[] | undefined): string[] {
  return (policies ?? []).map((policy) => policy.PolicyArn ?? '').sort();
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
