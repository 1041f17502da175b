import type { Clock } from '../../../kernel/runtime.ts';
import type { Identity } from './signer.ts';

interface ExpiringIdentity extends Identity {
  readonly expiration?: Date | undefined;
}

/** As a client of the SDK resolves them: from the environment, a profile, a role, a container. */
export type CredentialsProvider = (options?: { readonly forceRefresh?: boolean }) => Promise<ExpiringIdentity>;

/** The credentials in use, renewed some minutes before they end. */
export interface Credentials {
  current(): Identity | Promise<Identity>;
  /** Asks the provider anew: the store does not take those in use any more. False where the answer is the same. */
  renew(): Promise<boolean>;
}

// As early as the SDK itself renews.
const earlyMs = 5 * 60_000;

export function createCredentials(provider: CredentialsProvider, clock: Clock): Credentials {
  let held: ExpiringIdentity | undefined;
  let asking: Promise<ExpiringIdentity> | undefined;

  function ask(forceRefresh: boolean): Promise<ExpiringIdentity> {
    asking ??= provider({ forceRefresh }).finally(() => {
      asking = undefined;
    });
    return asking;
  }
  async function refreshed(forceRefresh: boolean): Promise<ExpiringIdentity> {
    const given = await ask(forceRefresh);
    // The same object as long as it is the same identity: the signer keeps its key by it.
    if (held?.accessKeyId !== given.accessKeyId || held.sessionToken !== given.sessionToken) held = given;
    else if (held.expiration?.getTime() !== given.expiration?.getTime()) held = given;
    return held;
  }
  return {
    current() {
      const end = held?.expiration?.getTime() ?? Infinity;
      return held !== undefined && end - clock.now() > earlyMs ? held : refreshed(false);
    },
    async renew() {
      const before = held;
      return (await refreshed(true)).sessionToken !== before?.sessionToken || held?.accessKeyId !== before?.accessKeyId;
    },
  };
}
