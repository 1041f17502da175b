/** What stands within the first element of this name; undefined where there is none. */
export function within(xml: string, element: string): string | undefined {
  const found = new RegExp(`<${element}(?:\\s[^>]*)?(?:/>|>(.*?)</${element}>)`, 's').exec(xml);
  return found ? (found[1] ?? '') : undefined;
}

/** The text of each element of this name. */
export function every(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map((found) => found[1] ?? '');
}

export function tag(element: string, inner: string): string {
  return `<${element}>${inner}</${element}>`;
}
