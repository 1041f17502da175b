import { concatBytes } from '../../../kernel/bytes.ts';
import { byte, skipSpace, skipText, skipValue, unreadable } from './json-bytes.ts';

/** An answer without one of its lists, and what stood between the list's brackets. */
export interface CutAnswer {
  readonly rest: Uint8Array;
  readonly list: Uint8Array;
}

const nothing = new Uint8Array(0);

/**
 * Takes the list under these names out of an answer (`['Items']`; `['Responses', 'orders']`) and leaves an empty one, so that what is
 * large need not become values. An answer without the list is left as it is. Throws item.unreadable for what is no JSON object.
 */
export function cutList(json: Uint8Array, names: readonly string[]): CutAnswer {
  let at = skipSpace(json, 0);
  for (const name of names) {
    const found = valueOf(json, at, Buffer.from(JSON.stringify(name)));
    if (found === undefined) return { rest: json, list: nothing };
    at = found;
  }
  if (json[at] !== byte.openList) return { rest: json, list: nothing };
  const end = skipValue(json, at);
  return {
    rest: concatBytes([json.subarray(0, at + 1), json.subarray(end - 1)]),
    list: json.subarray(at + 1, end - 1),
  };
}

/** Where the value of a member begins, in the object that begins at `object`. */
function valueOf(json: Uint8Array, object: number, name: Buffer): number | undefined {
  if (json[object] !== byte.openMap) throw unreadable();
  let at = skipSpace(json, object + 1);
  while (json[at] === byte.quote) {
    const end = skipText(json, at);
    const isIt = name.equals(json.subarray(at, end));
    at = skipSpace(json, end);
    if (json[at] !== byte.colon) throw unreadable();
    at = skipSpace(json, at + 1);
    if (isIt) return at;
    at = skipSpace(json, skipValue(json, at));
    if (json[at] === byte.comma) at = skipSpace(json, at + 1);
  }
  if (json[at] !== byte.closeMap) throw unreadable();
  return undefined;
}
