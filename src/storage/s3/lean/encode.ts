/** One path segment or query part as SigV4 wants it: all but `A-Za-z0-9-._~` as %XX of its UTF-8. */
export function uriEncode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** An object's key as a path: `/` stays, nothing is normalised, nothing is encoded twice. */
export function encodeKey(key: string): string {
  return plainKey.test(key) ? key : key.split('/').map(uriEncode).join('/');
}

/** Parameters in the order in which they are signed. */
export function queryString(parameters: readonly (readonly [name: string, value: string])[]): string {
  return parameters
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort()
    .join('&');
}

const plain = /^[A-Za-z0-9._~-]*$/;
const plainKey = /^[A-Za-z0-9._~/-]*$/;
