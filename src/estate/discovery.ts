import { HoldfastError, isItemError } from '../kernel/errors.ts';
import type { Estate } from './contract.ts';
import type { CompiledSelection } from './selection.ts';
import { discoverTarget, openContext, type FoundResource, type RefusedPart, type SourceTarget } from './sources.ts';

export interface DiscoveryListener {
  /** Each resource once, also where several sources cover it: the first in the configuration keeps it. */
  found(resource: FoundResource): void;
  /**
   * The listing of this target failed, or a part of it: names that begin with `prefix`. It costs its source, not the others.
   */
  failed(target: SourceTarget, error: HoldfastError, prefix: string): void;
  /** The target was listed, or failed. */
  done(target: SourceTarget): void;
}

/**
 * Lists all targets at the same time. Errors that are not about one source (no credentials, a defect) are thrown once all
 * listings have stopped.
 */
export async function discoverTargets(
  estate: Estate,
  targets: readonly SourceTarget[],
  selection: CompiledSelection,
  signal: AbortSignal,
  listener: DiscoveryListener,
): Promise<void> {
  const taken = new Map<string, string>();

  function take(resource: FoundResource): void {
    const { name } = resource.target.source;
    const owner = taken.get(resource.key);
    if (owner === undefined) {
      taken.set(resource.key, name);
      listener.found(resource);
    } else if (owner === name) {
      const message = `${resource.key} was listed twice by ${name}; the second is left out`;
      listener.failed(
        resource.target,
        new HoldfastError('item.conflict', message, { resource: resource.key }),
        resource.ref.name,
      );
    }
  }
  async function one(target: SourceTarget): Promise<void> {
    try {
      const context = await openContext(estate, target, signal);
      const refused: RefusedPart = (error, prefix) => listener.failed(target, error, prefix);
      for await (const resource of discoverTarget(estate, target, selection, context, refused)) {
        signal.throwIfAborted();
        take(resource);
      }
    } catch (error) {
      if (!isItemError(error) || signal.aborted) throw error;
      listener.failed(target, error, '');
    }
    listener.done(target);
  }
  // Sources of one type go one after the other, so that which of them keeps a shared resource does not depend on timing.
  async function chain(sources: readonly (readonly SourceTarget[])[]): Promise<void> {
    for (const ofSource of sources) await settleAll(ofSource.map(one));
  }
  const types = [...new Set(targets.map((target) => target.source.type))];
  await settleAll(
    types.map(async (type) => {
      const ofType = targets.filter((target) => target.source.type === type);
      const names = [...new Set(ofType.map((target) => target.source.name))];
      await chain(names.map((name) => ofType.filter((target) => target.source.name === name)));
    }),
  );
}

/** Waits for all, then throws the first error: nothing goes on in the background after a failure. */
async function settleAll(running: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(running);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
