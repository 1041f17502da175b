import { ifAllowed } from '../documents/allowed.ts';
import { optional, required } from '../aws/classify.ts';
import { afresh } from '../documents/capture.ts';
import type { DocumentKind } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';
import { tagList } from '../documents/tags.ts';
import type { Clients } from './calls.ts';
import { arnOf, question, listedIn, tagsOfKind, type SesPart } from './shapes.ts';

const ask = question('GetEmailTemplate', ({ v2 }, TemplateName) => v2.getEmailTemplate({ TemplateName }));

const template: SesPart = {
  file: 'template.json',
  read: async (scene, address, listed) => (await ask(scene, address, listed))['TemplateContent'],
  async write({ client }, { name, resource }, wanted) {
    const updating = client.v2.updateEmailTemplate({ TemplateName: name, TemplateContent: wanted as object });
    await required(updating, 'UpdateEmailTemplate', resource);
  },
};

/** Subject, text and HTML of mails. */
export const templates: DocumentKind<Clients> = {
  kind: 'templates',
  async *list(scene) {
    const { client, aws } = scene;
    const next = async (NextToken?: string) =>
      await required(client.v2.listEmailTemplates({ NextToken, PageSize: 100 }), 'ListEmailTemplates', 'ses/templates');
    for await (const { TemplatesMetadata = [] } of pages(next, (page) => page.NextToken))
      for (const { TemplateName: name = '' } of TemplatesMetadata) {
        const answer = await ifAllowed(ask(afresh(scene), { name, resource: `ses/templates/${name}` }));
        yield { name, id: arnOf(aws, 'template', name), ...listedIn(answer) };
      }
  },
  parts: [template, tagsOfKind('template', ask)],
  live: {
    async find({ client, aws }, name) {
      const asking = client.v2.getEmailTemplate({ TemplateName: name });
      const found = await optional(asking, 'GetEmailTemplate', `ses/templates/${name}`, 'NotFoundException');
      return found && arnOf(aws, 'template', name);
    },
    async create({ client, aws }, name, documents) {
      const TemplateContent = documents.get('template.json') as object;
      const Tags = tagList(documents.get('tags.json'));
      const making = { TemplateName: name, TemplateContent, ...(Tags.length > 0 ? { Tags } : {}) };
      await required(client.v2.createEmailTemplate(making), 'CreateEmailTemplate', `ses/templates/${name}`);
      return { id: arnOf(aws, 'template', name) };
    },
  },
};
