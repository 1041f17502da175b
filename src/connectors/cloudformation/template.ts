import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';

/** JSON as a document; YAML as the text it is, with its comments. */
export function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

async function templateOf(
  { client, once }: Scene<CloudFormation>,
  { id: StackName, resource }: Address,
  TemplateStage: 'Original' | 'Processed',
): Promise<string> {
  return await once(TemplateStage, async () => {
    const asking = client.getTemplate({ StackName, TemplateStage });
    return (await required(asking, 'GetTemplate', resource)).TemplateBody ?? '';
  });
}

export const template: DocumentPart<CloudFormation> = {
  file: 'template.json',
  read: async (scene, address) => parsed(await templateOf(scene, address, 'Original')),
};

/** As macros left it; where none is named it is the original. */
export const processed: DocumentPart<CloudFormation> = {
  file: 'template-processed.json',
  async read(scene, address) {
    const original = await templateOf(scene, address, 'Original');
    if (!/Transform/.test(original)) return undefined;
    return parsed(await templateOf(scene, address, 'Processed'));
  },
};
