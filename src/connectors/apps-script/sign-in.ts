import type { GoogleAuth, JWTInput } from 'google-auth-library';
import { readFile } from 'node:fs/promises';
import { HoldfastError } from '../../kernel/errors.ts';
import { scopes } from './calls.ts';

/** Others (`external_account`) may name programs to run and addresses to ask. */
const known: readonly unknown[] = ['authorized_user', 'service_account'];

const networkCodes = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)/;

/**
 * Signs in by a file that Google made, and asks for a token at once, so that what is wrong with it is said once. Nothing of
 * the file is in a message. Throws config.secret-missing, and item.unavailable where Google does not answer.
 */
export async function signIn(path: string, purpose: keyof typeof scopes): Promise<GoogleAuth> {
  const credentials = await readCredentials(path);
  // CommonJS: in the bundle its names are only there by `default`.
  const { GoogleAuth: Auth } = (await import('google-auth-library')).default;
  const auth = new Auth({ credentials, scopes: [...scopes[purpose]] });
  try {
    await auth.getAccessToken();
  } catch (error) {
    const { code, message = '' } = (error ?? {}) as { readonly code?: unknown; readonly message?: string };
    if (networkCodes.test(String(code)) || Number(code) >= 500)
      throw new HoldfastError('item.unavailable', `Google did not answer the sign-in: ${String(code)}`);
    const said = /invalid_\w+|unauthorized_client/.exec(message)?.[0] ?? 'it gave no token';
    throw new HoldfastError('config.secret-missing', `Google refuses the credentials in ${path}: ${said}`);
  }
  return auth;
}

async function readCredentials(path: string): Promise<JWTInput> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HoldfastError('config.secret-missing', `the file of credentials ${path} cannot be read: ${code}`);
  }
  const parsed = parse(text);
  if (known.includes(parsed?.['type'])) return parsed as JWTInput;
  const message = `${path} is no file of credentials of a user (authorized_user) or a service account`;
  throw new HoldfastError('config.secret-missing', message);
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // What the parser says quotes what it read.
    return undefined;
  }
}
