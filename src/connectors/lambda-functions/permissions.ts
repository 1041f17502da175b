import type { AddPermissionRequest, Lambda } from '@aws-sdk/client-lambda';
import { HoldfastError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { optional } from '../aws/classify.ts';
import { compareText, type Document, text } from './documents.ts';

/** One statement of a resource policy, as Lambda writes it. */
export type Statement = Document;

/** The statements of the policy of a function or of one of its qualifiers, in the order of their Sid; empty: no policy. */
export async function readStatements(
  lambda: Lambda,
  { name, arn, resource }: { readonly name: string; readonly arn: string; readonly resource: string },
  qualifier: string | undefined,
): Promise<Statement[]> {
  const answer = await optional(
    lambda.getPolicy({ FunctionName: name, ...(qualifier === undefined ? {} : { Qualifier: qualifier }) }),
    'GetPolicy',
    resource,
    'ResourceNotFoundException',
  );
  const statements = statementsIn(answer?.Policy, resource);
  // Some endpoints answer an unqualified question with the statements of every qualifier.
  return qualifier === undefined ? statements.filter((s) => !text(s['Resource']).startsWith(`${arn}:`)) : statements;
}

/** The statements of a policy document in the order of their Sid. Throws item.unreadable when it is no such document. */
export function statementsIn(policy: string | undefined, resource: string): Statement[] {
  if (policy === undefined || policy === '') return [];
  try {
    const { Statement } = JSON.parse(policy) as { readonly Statement?: readonly Statement[] };
    return [...(Statement ?? [])].sort((a, b) => compareText(sidOf(a), sidOf(b)));
  } catch (cause) {
    throw new HoldfastError('item.unreadable', `the policy of ${resource} is not JSON`, { resource, cause });
  }
}

export function sidOf(statement: Statement): string {
  return text(statement['Sid']);
}

type Permission = Omit<AddPermissionRequest, 'FunctionName' | 'Qualifier'>;

/** Condition keys of a Lambda policy and the parameter of AddPermission that makes them; keys in lower case. */
const conditions: Readonly<Record<string, keyof Permission>> = {
  'aws:sourcearn': 'SourceArn',
  'aws:sourceaccount': 'SourceAccount',
  'aws:principalorgid': 'PrincipalOrgID',
  'lambda:functionurlauthtype': 'FunctionUrlAuthType',
  'lambda:eventsourcetoken': 'EventSourceToken',
  'lambda:invokedviafunctionurl': 'InvokedViaFunctionUrl',
};

/** The AddPermission request that makes this statement; undefined when no request can. */
export function permissionFor(statement: Statement): Permission | undefined {
  const principal = principalOf(statement['Principal']);
  const action = statement['Action'];
  if (principal === undefined || typeof action !== 'string' || statement['Effect'] !== 'Allow') return undefined;
  const permission: Record<string, Json> = { StatementId: sidOf(statement), Action: action, Principal: principal };
  for (const operator of Object.values((statement['Condition'] ?? {}) as Readonly<Record<string, Document>>)) {
    for (const [key, value] of Object.entries(operator)) {
      const parameter = conditions[key.toLowerCase()];
      if (parameter === undefined || value === undefined || Array.isArray(value)) return undefined;
      permission[parameter] = parameter === 'InvokedViaFunctionUrl' ? text(value) === 'true' || value === true : value;
    }
  }
  return permission as unknown as Permission;
}

function principalOf(principal: Json | undefined): string | undefined {
  if (typeof principal === 'string') return principal;
  const values = Object.values((principal ?? {}) as Document);
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined;
}

/** A statement without what depends on where it is attached, for comparison. */
export function comparableStatement(statement: Statement): Document {
  const principal = principalOf(statement['Principal']);
  return {
    ...statement,
    // An account id is stored as its root user.
    Principal: principal?.replace(/^arn:aws[\w-]*:iam::(\d{12}):root$/, '$1') ?? statement['Principal'],
    Resource: undefined,
  };
}
