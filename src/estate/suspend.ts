import { asHoldfastError } from '../kernel/errors.ts';
import type { EventSink } from '../kernel/events.ts';
import type { Session } from '../repository/session/contract.ts';

/** True when there is something to resume. A failure here must not hide the one that led to it: it becomes a notice. */
export async function suspend(opening: Promise<Session> | undefined, events: EventSink): Promise<boolean> {
  const session = await opening?.catch(notOpened);
  if (!session) return false;
  try {
    await session.suspend();
    return true;
  } catch (error) {
    const { message } = asHoldfastError(error);
    events({ type: 'notice', level: 'warning', message: `nothing was kept for --resume: ${message}` });
    return false;
  }
}

// Why the session could not be opened is the error that stopped the run: it is thrown already.
function notOpened(): undefined {
  return undefined;
}
