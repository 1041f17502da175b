import { optional, required } from '../aws/classify.ts';
import { iam, plain } from './client.ts';
import { allPages } from './listing.ts';
import { addDocument, type Capture } from './part.ts';

/** `account.json`: aliases and password policy. */
export async function captureAccount(capture: Capture): Promise<void> {
  const { aws, part, resource } = capture;
  const { client, sdk } = await iam(aws);
  const item = { collection: '', key: 'account.json' };
  const Aliases = await part(item, async () => {
    const aliases = await allPages(async (Marker) => {
      const page = await required(
        client.send(new sdk.ListAccountAliasesCommand({ Marker })),
        'ListAccountAliases',
        resource,
      );
      return { items: page.AccountAliases, ...page };
    });
    return aliases.sort();
  });
  const PasswordPolicy = await part(item, async () => {
    const asked = client.send(new sdk.GetAccountPasswordPolicyCommand({}));
    const answer = await optional(asked, 'GetAccountPasswordPolicy', resource, 'NoSuchEntityException', 'NoSuchEntity');
    return answer?.PasswordPolicy ?? null;
  });
  await addDocument(capture, item.key, plain({ Aliases, PasswordPolicy }));
}
