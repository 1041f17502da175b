import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { optional, required } from '../aws/classify.ts';
import type { Created, DocumentKind, DocumentPart, Documents, Found, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

/** Dashboards belong to the account: every region lists the same ones. */
async function* listDashboards({ client }: Scene<CloudWatch>): AsyncGenerator<Found> {
  const ask = (NextToken?: string) => required(client.listDashboards({ NextToken }), 'ListDashboards', 'cloudwatch');
  for await (const { DashboardEntries = [] } of pages(ask, (page) => page.NextToken))
    for (const { DashboardName: name = '', DashboardArn: id = '' } of DashboardEntries) yield { name, id };
}

const body: DocumentPart<CloudWatch> = {
  file: 'dashboard.json',
  async read({ client }, { name, resource }) {
    const { DashboardBody = '{}' } = await required(
      client.getDashboard({ DashboardName: name }),
      'GetDashboard',
      resource,
    );
    return JSON.parse(DashboardBody) as Json;
  },
  async write({ client }, { name, resource }, wanted) {
    const putting = client.putDashboard({ DashboardName: name, DashboardBody: JSON.stringify(wanted) });
    await required(putting, 'PutDashboard', resource);
  },
};

async function findDashboard({ client }: Scene<CloudWatch>, DashboardName: string): Promise<string | undefined> {
  const asking = client.getDashboard({ DashboardName });
  const names = ['DashboardNotFoundError', 'ResourceNotFound'] as const;
  return (await optional(asking, 'GetDashboard', `cloudwatch/dashboards/${DashboardName}`, ...names))?.DashboardArn;
}

async function createDashboard(scene: Scene<CloudWatch>, name: string, documents: Documents): Promise<Created> {
  const resource = `cloudwatch/dashboards/${name}`;
  await body.write?.(scene, { name, id: '', resource }, documents.get(body.file), undefined);
  return { id: (await findDashboard(scene, name)) ?? '' };
}

/** Widgets say their region by its name, which says nothing about where it should be read after a restore. */
function notes(documents: Documents): readonly LedgerNote[] {
  const regions = new Set(JSON.stringify(documents.get(body.file) ?? null).match(/"region":"[a-z0-9-]+"/g));
  if (regions.size === 0) return [];
  return [
    {
      class: 'needs-human',
      what: 'regions of widgets',
      why: `Widgets name the region they read (${[...regions].map((one) => one.slice(10, -1)).join(', ')}), and keep it.`,
      action: 'After a restore in another region change it where the widget should follow.',
      count: regions.size,
    },
  ];
}

export const dashboards: DocumentKind<CloudWatch> = {
  kind: 'dashboards',
  list: listDashboards,
  parts: [body],
  live: { find: findDashboard, create: createDashboard },
  notes,
};
