import type { HandlerErrorCode, ProgressEvent } from '@aws-sdk/client-cloudcontrol';
import type { ErrorCode } from '../../kernel/codes.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { required } from '../aws/classify.ts';
import type { Scene } from '../documents/contract.ts';
import type { Clients } from './calls.ts';
import type { Options } from './options.ts';

/** Some types take as long as a database does. */
const patience = 90 * 60_000;
const [firstPause, longestPause] = [250, 10_000];

const codes: Partial<Record<HandlerErrorCode, ErrorCode>> = {
  AccessDenied: 'item.denied',
  AlreadyExists: 'item.conflict',
  InvalidCredentials: 'item.denied',
  NetworkFailure: 'item.unavailable',
  NotFound: 'item.not-found',
  ResourceConflict: 'item.conflict',
  ServiceInternalError: 'item.unavailable',
  ServiceTimeout: 'item.unavailable',
  Throttling: 'item.throttled',
};

/** Follows a request to its end and returns the last event. Throws item errors: what failed, or that it takes too long. */
export async function follow(
  { client, runtime, signal }: Scene<Clients, Options>,
  started: ProgressEvent | undefined,
  resource: string,
): Promise<ProgressEvent> {
  const until = runtime.clock.now() + patience;
  let event = started ?? {};
  for (let pause = firstPause; !isOver(event); pause = Math.min(pause * 2, longestPause)) {
    if (runtime.clock.now() > until) {
      const message = `${event.Operation} of ${resource} is not over after ${patience / 60_000} minutes`;
      throw new HoldfastError('item.unavailable', message, { resource });
    }
    await runtime.clock.sleep(pause, signal);
    const asking = client.control.getResourceRequestStatus({ RequestToken: event.RequestToken });
    event = (await required(asking, 'GetResourceRequestStatus', resource)).ProgressEvent ?? event;
  }
  if (event.OperationStatus === 'SUCCESS') return event;
  const code = (event.ErrorCode && codes[event.ErrorCode]) ?? 'item.invalid';
  const said = [event.ErrorCode, event.StatusMessage].filter((one) => one !== undefined).join(': ');
  throw new HoldfastError(code, `${event.Operation} of ${resource} failed: ${said}`, { resource });
}

function isOver({ OperationStatus }: ProgressEvent): boolean {
  return ['SUCCESS', 'FAILED', 'CANCEL_COMPLETE'].includes(OperationStatus ?? '');
}
