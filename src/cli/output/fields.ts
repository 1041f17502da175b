import type { Json } from '../../kernel/json.ts';

export interface FieldChange {
  /** `Environment.Variables.LEVEL`, `Rules[2].Status`. */
  readonly field: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** The leaves in which two JSON values differ, in order of their names. */
export function fieldChanges(before: Json | undefined, after: Json | undefined, field = ''): FieldChange[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => fieldChanges(before[i], after[i], `${field}[${i}]`)).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => fieldChanges(before[name], after[name], field === '' ? name : `${field}.${name}`));
  }
  return [{ field, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
