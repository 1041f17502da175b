import type { FoundResource } from '../sources.ts';

/**
 * What connectors found, to recognise in lists of ARNs: by the ARN, or by service and last part, since not every connector
 * names its resources by ARN, and parts of a resource have ARNs of their own (a function's version, a table's stream).
 */
export interface KnownResources {
  add(found: FoundResource): void;
  has(arn: string): boolean;
}

export function createKnown(): KnownResources {
  const ids = new Set<string>();
  const tails = new Set<string>();
  return {
    add({ discovered: { ref }, target: { connector } }) {
      ids.add(ref.id);
      const services = new Set(
        connector.calls.capture.flatMap(({ actions }) => actions.map((one) => one.split(':')[0])),
      );
      for (const service of services)
        for (const tail of [tailOf(ref.id), tailOf(ref.name)]) tails.add(`${service} ${tail}`);
    },
    has(arn) {
      for (
        let end = arn.length;
        end > 0;
        end = Math.max(arn.lastIndexOf(':', end - 1), arn.lastIndexOf('/', end - 1))
      ) {
        const part = arn.slice(0, end);
        if (part.split(':').length < 6) return false;
        if (ids.has(part) || tails.has(`${part.split(':')[2]} ${tailOf(part)}`)) return true;
      }
      return false;
    },
  };
}

function tailOf(id: string): string {
  return /[^:/]+$/.exec(id)?.[0] ?? id;
}
