/** Takes values of references out of what programs and servers say. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Longest first: one may be the beginning of another.
  const longest = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return longest.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}
