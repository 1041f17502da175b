import * as sdk from '@aws-sdk/client-sesv2';

/** One operation of the API, as the SDK's own model of it has it. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  readonly input: ReadonlySet<string>;
  readonly output: ReadonlySet<string>;
}

type Structure = readonly [number, string, string, unknown, (readonly string[])?];

/** Every route of SES version 2: no request and no answer of the stand-in has a field that the API does not have. */
export function routes(): readonly Route[] {
  return Object.values(sdk as unknown as Record<string, unknown>).flatMap((schema) => {
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
    const path = new RegExp(`^${template.replaceAll(/\{\w+\+?\}/g, '([^/]+)')}$`);
    const members = (of: () => Structure): ReadonlySet<string> => new Set(of()[4] ?? []);
    return [{ operation, method, path, labels, input: members(input), output: members(output) }];
  });
}
