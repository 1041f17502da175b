import type { CaptureSink } from '../../kernel/capture.ts';
import { resourceKey } from '../../kernel/entry.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import type { ConnectorContext, DiscoveredResource } from '../contract.ts';
import { captureAccount } from './capture-account.ts';
import { capturePolicy } from './capture-policy.ts';
import { captureOidcProvider, captureSamlProvider, captureServerCertificate } from './capture-provider.ts';
import { captureInstanceProfile, captureRole } from './capture-role.ts';
import { captureGroup, captureUser } from './capture-user.ts';
import type { Listed } from './listed.ts';
import type { Options } from './options.ts';
import { captureInto } from './part.ts';

export async function capture(
  { aws }: ConnectorContext<Options>,
  { ref, listed: passedOn }: DiscoveredResource,
  sink: CaptureSink,
): Promise<void> {
  const resource = resourceKey(ref);
  if (passedOn === undefined)
    throw new HoldfastError('internal.bug', `${resource} came without its listing`, { resource });
  const listed = passedOn as unknown as Listed;
  const into = captureInto(aws, resource, sink);
  switch (listed.kind) {
    case 'account':
      return await captureAccount(into);
    case 'user':
      return await captureUser(into, listed.detail);
    case 'group':
      return await captureGroup(into, listed.detail);
    case 'role':
      return await captureRole(into, listed.detail, listed.more);
    case 'policy':
      return await capturePolicy(into, listed.detail);
    case 'instance-profile':
      return await captureInstanceProfile(into, listed.name);
    case 'oidc-provider':
      return await captureOidcProvider(into, listed.arn);
    case 'saml-provider':
      return await captureSamlProvider(into, listed.arn);
    case 'server-certificate':
      return await captureServerCertificate(into, listed.name);
  }
}
