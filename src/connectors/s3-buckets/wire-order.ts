/** The part of the SDK's middleware stack that is used here; its own types are not exported by the client. */
interface MiddlewareStack {
  addRelativeTo(middleware: unknown, options: Readonly<Record<string, unknown>>): void;
}

interface Answer {
  readonly response: { body?: AsyncIterable<Uint8Array> | Uint8Array };
}

/** Merges the two lists of an answer of ListObjectVersions into the one they were on the wire. */
export interface WireOrder {
  interleave<T>(versions: readonly T[], markers: readonly T[]): T[];
}

/**
 * S3 lists versions and delete markers of a key in one sequence, newest first, but the SDK sorts them into two lists and
 * times have whole seconds only: which of two came first is then lost. This reads the sequence off the XML as it passes.
 * Add it to the command before sending.
 */
export function observeOrder(command: { readonly middlewareStack: unknown }): WireOrder {
  let kinds: readonly string[] = [];
  (command.middlewareStack as MiddlewareStack).addRelativeTo(
    (next: (args: never) => Promise<Answer>) => async (args: never) => {
      const result = await next(args);
      const { response } = result;
      const body = await collect(response.body);
      kinds = body.toString('latin1').match(/<(?:Version|DeleteMarker)>/g) ?? [];
      response.body = body;
      return result;
    },
    { name: 'holdfastWireOrder', relation: 'after', toMiddleware: 'deserializerMiddleware', override: true },
  );
  return {
    interleave(versions, markers) {
      const left = { versions: [...versions], markers: [...markers] };
      const merged = kinds.flatMap((kind) => {
        const from = kind === '<Version>' ? left.versions : left.markers;
        const item = from.shift();
        return item === undefined ? [] : [item];
      });
      return [...merged, ...left.versions, ...left.markers];
    },
  };
}

async function collect(body: AsyncIterable<Uint8Array> | Uint8Array | undefined): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
