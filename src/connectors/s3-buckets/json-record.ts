import type { Json } from '../../kernel/json.ts';

export type JsonRecord = Readonly<Record<string, Json | undefined>>;

/** A member that should be text; '' where it is something else or absent. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
