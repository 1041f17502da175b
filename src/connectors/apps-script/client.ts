import type { script_v1 as Api } from '@googleapis/script';
import type { ConnectorContext } from '../contract.ts';
import type { scopes } from './calls.ts';
import { answered } from './errors.ts';
import { signIn } from './sign-in.ts';
import type { AppsScriptOptions } from './options.ts';

/** The Apps Script API for one run; `ask` turns what it throws into item errors. */
export interface ScriptClient {
  readonly projects: Api.Resource$Projects;
  /** Throws item errors; config.secret-missing where the credentials are not there or Google refuses them. */
  ask<T>(
    operation: string,
    resource: string,
    running: (settings: CallSettings) => Promise<{ readonly data: T }>,
  ): Promise<T>;
}

export interface CallSettings {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Google's packages are imported when first needed. */
export async function scriptClient(
  { options, signal }: ConnectorContext<AppsScriptOptions>,
  purpose: keyof typeof scopes,
): Promise<ScriptClient> {
  // CommonJS: in the bundle its names are only there by `default`.
  const { script } = (await import('@googleapis/script')).default;
  const { credentials, endpoint } = options;
  const client = script({
    version: 'v1',
    // A token for Google is for Google only.
    ...(endpoint === undefined ? { auth: await tokens(credentials ?? '', purpose) } : { rootUrl: endpoint }),
  });
  return {
    projects: client.projects,
    async ask(operation, resource, running) {
      return (await answered(running({ signal, timeout: 60_000 }), operation, resource)).data;
    },
  };
}

/** The client has a copy of the sign-in package of its own: alike, and another type to the compiler. */
async function tokens(path: string, purpose: keyof typeof scopes): Promise<NonNullable<Api.Options['auth']>> {
  return (await signIn(path, purpose)) as unknown as NonNullable<Api.Options['auth']>;
}
