import { HoldfastError } from '../../kernel/errors.ts';

/** What keeps writers out: programs, an HTTP service, transactions of databases. */
export interface Holder {
  /** For messages: `pause.sh`, `https://app.example.com/pause`. Holds no secret. */
  readonly title: string;
  /** Looks whether it could be held, and holds nothing; says what was found. Throws barrier.failed with the reason. */
  check(signal: AbortSignal): Promise<string>;
  /**
   * Resolves once it is held. Throws barrier.failed, and the signal's reason once it is aborted; what was held by then has been
   * let go of. Where that failed, throws barrier.not-released.
   */
  hold(signal: AbortSignal): Promise<Hold>;
}

/** It is held until it is released; where the process dies, as far as the kind of holder can see to that. */
export interface Hold {
  /** Resolves where the hold ends and nobody released it. */
  readonly lost: Promise<HoldfastError>;
  /**
   * Lets go. Throws barrier.lost where it turns out that nothing had been held any more, barrier.not-released where something may
   * be held still.
   */
  release(): Promise<void>;
}

/** A promise that never resolves: of what cannot be lost, or says nothing of it. */
export const never: Promise<never> = new Promise(() => undefined);

/**
 * What a hold that came to nothing throws, once it has let go of what it may hold: the two failures, where that failed as well.
 * `failure` is asked for last, when programs have said all they say.
 */
export async function failedHold(failure: () => unknown, letGo: () => Promise<void>): Promise<unknown> {
  try {
    await letGo();
    return failure();
  } catch (still) {
    return new HoldfastError('barrier.not-released', `${(failure() as Error).message}; ${(still as Error).message}`);
  }
}
