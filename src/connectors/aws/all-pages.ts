/** One page of a listing. */
export interface Page<T> {
  readonly items: readonly T[] | undefined;
  /** Marker of the next page; absent at the end. */
  readonly next?: string | undefined;
}

/** All items of a listing that is paged by one marker. */
export async function allPages<T>(fetch: (marker: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  do {
    const page = await fetch(marker);
    all.push(...(page.items ?? []));
    marker = page.next;
  } while (marker !== undefined);
  return all;
}
