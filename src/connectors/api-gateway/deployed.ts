import type { APIGateway } from '@aws-sdk/client-api-gateway';
import type { LedgerNote } from '../../kernel/entry.ts';
import type { Json } from '../../kernel/json.ts';
import { optional } from '../aws/classify.ts';
import type { DocumentPart, Documents } from '../documents/contract.ts';
import type { Facts } from '../documents/said.ts';
import { files } from './files.ts';
import type { Definition } from './definition.ts';
import { readStages, type Stages } from './stages.ts';

/**
 * What each stage serves, as OpenAPI: the only way to see a deployment. It is kept to be read by people; what is restored is
 * the draft, and a ledger line says where the two differ.
 */
export const deployed: DocumentPart<APIGateway> = {
  file: files.deployed,
  async read(scene, address) {
    const { client } = scene;
    const { id: restApiId, resource } = address;
    const exports: Record<string, Json> = {};
    for (const { stageName = '' } of await readStages(scene, address)) {
      const parameters = { extensions: 'integrations,authorizers,documentation,validators,gatewayresponses' };
      const asking = client.getExport({
        restApiId,
        stageName,
        exportType: 'oas30',
        parameters,
        accepts: 'application/json',
      });
      const answer = await optional(asking, 'GetExport', resource, 'NotFoundException');
      if (!answer?.body) continue;
      const openApi = JSON.parse(Buffer.from(answer.body).toString('utf8')) as Facts & { readonly info?: Facts };
      // The version of an export is when it was made.
      const { version: _, ...info } = openApi.info ?? {};
      exports[stageName] = { ...openApi, info };
    }
    return exports;
  },
  comparable: () => ({}),
};

interface OpenApi {
  readonly paths?: Readonly<Record<string, object>>;
}

const verbs = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'x-amazon-apigateway-any-method']);

export function apiNotes(documents: Documents): readonly LedgerNote[] {
  const api = (documents.get(files.api) ?? {}) as { readonly endpointConfiguration?: Endpoint };
  const draft = documents.get(files.definition) as unknown as Definition | undefined;
  const stages = (documents.get(files.stages) ?? {}) as unknown as Stages;
  const served = (documents.get(files.deployed) ?? {}) as Readonly<Record<string, OpenApi>>;
  const names = Object.keys(stages);
  const different = draft ? Object.keys(served).filter((name) => !serves(served[name], draft)) : [];
  const older = names.filter(
    (name) => (stages[name]?.['deployment'] as { isNewest?: boolean } | undefined)?.isNewest === false,
  );
  const apart = [...new Set([...different, ...older])];
  return [
    {
      class: 'new-identity',
      what: 'the id of the API and its address',
      why: 'API Gateway generates both; made again, the API answers at another host name.',
      action: 'Put a domain of your own in front of it, and let clients use that.',
    },
    ...(names.length === 0 ? [] : [deploymentNote(apart)]),
    ...names
      .filter((name) => stages[name]?.['webAclArn'] !== undefined)
      .map((name) => ({
        class: 'needs-human' as const,
        what: `firewall of stage ${name}`,
        why: 'AWS WAF keeps which web ACL protects a stage; it is not part of the API.',
        action: 'Associate the web ACL with the stage again after a restore.',
      })),
    ...(api.endpointConfiguration?.types?.includes('PRIVATE')
      ? [
          {
            class: 'needs-human' as const,
            what: 'VPC endpoints of a private API',
            why: 'They are not restored, and another region has others.',
            action: 'Create the endpoints first, and name them in the policy and the settings of the API.',
          },
        ]
      : []),
  ];
}

interface Endpoint {
  readonly types?: readonly string[];
}

function deploymentNote(apart: readonly string[]): LedgerNote {
  if (apart.length === 0) {
    return {
      class: 'needs-human',
      what: 'what its stages serve, where that is not the draft',
      why: 'Deployments cannot be read back whole: stages return with a deployment of the draft, which is captured.',
      action: 'Deploy after each change, so that the draft is what is served; deployed.json says what was served.',
    };
  }
  return {
    class: 'lost',
    what: `what ${apart.map((name) => `stage ${name}`).join(' and ')} served`,
    why: 'It serves an older deployment, or other methods, than the draft has; deployments cannot be created but from the draft.',
    action: 'Deploy the draft, or put the draft back to what is served; deployed.json says what that is.',
    count: apart.length,
  };
}

/** Whether the same methods are served as the draft has. */
function serves({ paths = {} }: OpenApi = {}, { resources }: Definition): boolean {
  const served = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((verb) => verbs.has(verb.toLowerCase()))
      .map((verb) => `${path} ${verb.toLowerCase().replace('x-amazon-apigateway-any-method', 'any')}`),
  );
  const drafted = Object.entries(resources).flatMap(([path, methods]) =>
    Object.keys(methods).map((verb) => `${path} ${verb.toLowerCase()}`),
  );
  return served.sort().join() === drafted.sort().join();
}
