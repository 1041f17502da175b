import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HttpCall, HttpHold } from '../../config/barriers.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { failedHold, never, type Holder } from './contract.ts';
import type { HolderSettings } from './holder.ts';
import { withoutSecrets } from './secrets.ts';

/** Pauses between the attempts to let go, ms. */
const pauses = [200, 1000] as const;

/**
 * A service that is asked to hold and to let go. With the first call comes how long it would be held at most, so that the service
 * can let go by itself where nobody asks it to: `Holdfast-Max-Hold: 30`, in seconds.
 */
export function httpHolder({ hold, release }: HttpHold, settings: HolderSettings): Holder {
  const { secrets, timeout, maxHold, runtime } = settings;
  const title = shownUrl(hold.url, secrets);

  async function letGo(): Promise<void> {
    for (const pause of [...pauses, undefined]) {
      const over = new AbortController();
      const limit = runtime.clock.sleep(timeout, over.signal, { background: true }).then(
        () => over.abort(new Error(`no answer within ${timeout} ms`)),
        () => undefined,
      );
      try {
        await send(release, over.signal, {});
        return;
      } catch (error) {
        if (pause === undefined) {
          const why = withoutSecrets(reasonOf(error), secrets);
          throw new HoldfastError('barrier.not-released', `${shownUrl(release.url, secrets)} does not let go: ${why}`);
        }
      } finally {
        over.abort();
        await limit;
      }
      await runtime.clock.sleep(pause);
    }
  }
  return {
    title,
    async check(signal) {
      for (const { url } of [hold, release]) await reach(new URL(url), signal, shownUrl(url, secrets));
      return `${title} can be reached; it was not asked for anything`;
    },
    async hold(signal) {
      try {
        await send(hold, signal, { 'holdfast-max-hold': String(Math.ceil(maxHold / 1000)) });
      } catch (error) {
        // It may be held all the same: an answer that did not come, or came too late, says nothing.
        const why = withoutSecrets(reasonOf(error), secrets);
        const failed = signal.aborted ? signal.reason : new HoldfastError('barrier.failed', `${title}: ${why}`);
        throw await failedHold(() => failed, letGo);
      }
      return { lost: never, release: letGo };
    },
  };
}

/** Throws for any answer but success. Bodies are never read: they may hold anything. */
async function send(call: HttpCall, signal: AbortSignal, headers: Readonly<Record<string, string>>): Promise<void> {
  const { method, url, body } = call;
  const answer = await fetch(url, {
    method,
    headers: { ...headers, ...call.headers },
    redirect: 'manual',
    signal,
    ...(body === undefined ? {} : { body }),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
}

/** Opens a connection, with TLS where the address has it, and sends nothing. */
async function reach({ protocol, hostname, port }: URL, signal: AbortSignal, shown: string): Promise<void> {
  const host = hostname.replaceAll(/[[\]]/g, '');
  const tls = protocol === 'https:';
  const to = { host, port: Number(port || (tls ? 443 : 80)) };
  await new Promise<void>((resolve, reject) => {
    const socket = tls ? connectTls({ ...to, servername: host }) : connectPlain(to);
    const abort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(new HoldfastError('barrier.failed', `${shown} cannot be reached: ${reasonOf(error)}`));
    });
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve();
    });
  });
}

/** `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { readonly message?: string; readonly cause?: { readonly message?: string } };
  return cause?.message ?? message ?? String(error);
}

/** Without user, password and query. */
function shownUrl(url: string, secrets: readonly string[]): string {
  const { origin, pathname } = new URL(url);
  return withoutSecrets(`${origin}${pathname}`, secrets);
}
