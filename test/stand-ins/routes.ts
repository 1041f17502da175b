/** One operation of a REST API, as the SDK's own model of it has it. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** What stands in the query, by the name it has there. */
  readonly query: ReadonlyMap<string, string>;
  readonly input: ReadonlySet<string>;
  readonly output: ReadonlySet<string>;
}

type Member = readonly [unknown, (number | { readonly httpQuery?: string })?];
type Structure = readonly [number, string, string, unknown, (readonly string[])?, (readonly Member[])?];

/** Every route of a client package of the SDK: no request and no answer of a stand-in has a field that the API does not have. */
export function routesOf(sdk: object): readonly Route[] {
  return Object.values(sdk).flatMap((schema: unknown) => {
    if (!Array.isArray(schema) || schema[0] !== 9) return [];
    const [, , operation, { http }, input, output] = schema as unknown as readonly [
      number,
      string,
      string,
      { readonly http: readonly [string, string, number] },
      () => Structure,
      () => Structure,
    ];
    const [method, template] = http;
    const labels = [...template.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? '');
    const path = new RegExp(`^${template.replaceAll(/\{\w+\+?\}/g, '([^/]+)')}/?$`);
    const members = (of: () => Structure): ReadonlySet<string> => new Set(of()[4] ?? []);
    return [
      { operation, method, path, labels, query: queryOf(input()), input: members(input), output: members(output) },
    ];
  });
}

function queryOf([, , , , names = [], members = []]: Structure): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    const traits = members[i]?.[1];
    if (typeof traits === 'object' && traits.httpQuery !== undefined) found.set(traits.httpQuery, name);
  }
  return found;
}
