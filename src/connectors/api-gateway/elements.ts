import type { APIGateway, CreateAuthorizerRequest, PutGatewayResponseRequest } from '@aws-sdk/client-api-gateway';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address } from '../documents/contract.ts';
import type { Facts } from '../documents/said.ts';
import { schemaText, type Definition, type Draft } from './definition.ts';
import { patchesOf } from './patches.ts';

/** What methods of an API refer to, and what stands beside them: how one is made or changed, and deleted. */
export interface Element {
  readonly field: Exclude<keyof Definition, 'resources' | 'ids'>;
  put(
    client: APIGateway,
    address: Address,
    name: string,
    wanted: Json,
    live: Json | undefined,
    draft: Draft,
  ): Promise<void>;
  remove(client: APIGateway, address: Address, name: string, draft: Draft): Promise<void>;
}

const models: Element = {
  field: 'models',
  async put(client, { id: restApiId, resource }, modelName, wanted, live) {
    const { schema, description, contentType } = wanted as Facts;
    const text = schemaText(schema);
    const facts = { ...(description === undefined ? {} : { description: description as string }), schema: text };
    if (live === undefined) {
      const creating = client.createModel({ restApiId, name: modelName, contentType: contentType as string, ...facts });
      await required(creating, 'CreateModel', resource);
      return;
    }
    const { schema: now, description: said } = live as Facts;
    const patchOperations = patchesOf(
      { schema: text, description },
      { schema: schemaText(now), description: said },
      { schema: '/schema', description: '/description' },
    );
    await required(client.updateModel({ restApiId, modelName, patchOperations }), 'UpdateModel', resource);
  },
  async remove(client, { id: restApiId, resource }, modelName) {
    await required(client.deleteModel({ restApiId, modelName }), 'DeleteModel', resource);
  },
};

const validators: Element = {
  field: 'validators',
  async put(client, { id: restApiId, resource }, name, wanted, live, draft) {
    if (live === undefined) {
      await required(
        client.createRequestValidator({ restApiId, ...(wanted as Facts) }),
        'CreateRequestValidator',
        resource,
      );
      return;
    }
    const requestValidatorId = draft.validators.get(name);
    const patchOperations = patchesOf(wanted as Facts, live as Facts, {
      validateRequestBody: '/validateRequestBody',
      validateRequestParameters: '/validateRequestParameters',
    });
    const updating = client.updateRequestValidator({ restApiId, requestValidatorId, patchOperations });
    await required(updating, 'UpdateRequestValidator', resource);
  },
  async remove(client, { id: restApiId, resource }, name, draft) {
    const requestValidatorId = draft.validators.get(name);
    await required(
      client.deleteRequestValidator({ restApiId, requestValidatorId }),
      'DeleteRequestValidator',
      resource,
    );
  },
};

const authorizers: Element = {
  field: 'authorizers',
  async put(client, { id: restApiId, resource }, name, wanted, live, draft) {
    if (live === undefined) {
      const request = { restApiId, ...(wanted as Facts) } as unknown as CreateAuthorizerRequest;
      await required(client.createAuthorizer(request), 'CreateAuthorizer', resource);
      return;
    }
    const authorizerId = draft.authorizers.get(name);
    const [to, from] = [wanted as Facts, live as Facts];
    const pools = (facts: Facts): string[] => (facts['providerARNs'] ?? []) as string[];
    const patchOperations = [
      ...patchesOf(to, from, {
        type: '/type',
        authType: '/authType',
        authorizerUri: '/authorizerUri',
        authorizerCredentials: '/authorizerCredentials',
        identitySource: '/identitySource',
        identityValidationExpression: '/identityValidationExpression',
        authorizerResultTtlInSeconds: '/authorizerResultTtlInSeconds',
      }),
      ...pools(to)
        .filter((arn) => !pools(from).includes(arn))
        .map((value) => ({ op: 'add' as const, path: '/providerARNs', value })),
      ...pools(from)
        .filter((arn) => !pools(to).includes(arn))
        .map((value) => ({ op: 'remove' as const, path: '/providerARNs', value })),
    ];
    await required(client.updateAuthorizer({ restApiId, authorizerId, patchOperations }), 'UpdateAuthorizer', resource);
  },
  async remove(client, { id: restApiId, resource }, name, draft) {
    const authorizerId = draft.authorizers.get(name);
    await required(client.deleteAuthorizer({ restApiId, authorizerId }), 'DeleteAuthorizer', resource);
  },
};

const gatewayResponses: Element = {
  field: 'gatewayResponses',
  async put(client, { id: restApiId, resource }, responseType, wanted) {
    const request = { restApiId, responseType, ...(wanted as Facts) } as unknown as PutGatewayResponseRequest;
    await required(client.putGatewayResponse(request), 'PutGatewayResponse', resource);
  },
  async remove(client, { id: restApiId, resource }, name) {
    const request = { restApiId, responseType: name } as unknown as PutGatewayResponseRequest;
    await required(client.deleteGatewayResponse(request), 'DeleteGatewayResponse', resource);
  },
};

/** Named by their location, as JSON. */
const documentation: Element = {
  field: 'documentation',
  async put(client, { id: restApiId, resource }, place, wanted, live, draft) {
    const properties = wanted as string;
    if (live === undefined) {
      const location = JSON.parse(place) as { readonly type: 'API' };
      const creating = client.createDocumentationPart({ restApiId, location, properties });
      await required(creating, 'CreateDocumentationPart', resource);
      return;
    }
    const documentationPartId = draft.documentation.get(place);
    const patchOperations = [{ op: 'replace' as const, path: '/properties', value: properties }];
    const updating = client.updateDocumentationPart({ restApiId, documentationPartId, patchOperations });
    await required(updating, 'UpdateDocumentationPart', resource);
  },
  async remove(client, { id: restApiId, resource }, place, draft) {
    const documentationPartId = draft.documentation.get(place);
    const deleting = client.deleteDocumentationPart({ restApiId, documentationPartId });
    await required(deleting, 'DeleteDocumentationPart', resource);
  },
};

export const elements: readonly Element[] = [models, validators, authorizers, gatewayResponses, documentation];
