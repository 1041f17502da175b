import type { ConfigService, RemediationConfiguration } from '@aws-sdk/client-config-service';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { DocumentPart } from '../documents/contract.ts';
import { facts } from '../documents/facts.ts';

/** What is done about what a rule finds, often by itself: the last thing to come back. */
export const remediation: DocumentPart<ConfigService> = {
  file: 'remediation.json',
  phase: 'enable',
  async read({ client }, { name, resource }) {
    const asking = client.describeRemediationConfigurations({ ConfigRuleNames: [name] });
    const { RemediationConfigurations = [] } = await required(asking, 'DescribeRemediationConfigurations', resource);
    const [found] = RemediationConfigurations;
    return found ? facts(found, 'Arn', 'ConfigRuleName', 'CreatedByService') : undefined;
  },
  async write({ client }, { name: ConfigRuleName, resource }, wanted) {
    if (wanted === undefined) {
      const deleting = client.deleteRemediationConfiguration({ ConfigRuleName });
      await required(deleting, 'DeleteRemediationConfiguration', resource);
      return;
    }
    const configuration = { ...(wanted as object), ConfigRuleName } as RemediationConfiguration;
    const putting = client.putRemediationConfigurations({ RemediationConfigurations: [configuration] });
    const { FailedBatches: [first] = [] } = await required(putting, 'PutRemediationConfigurations', resource);
    // An answer of 200 may refuse.
    if (first) throw new HoldfastError('item.invalid', `${resource}: ${first.FailureMessage}`, { resource });
  },
};
