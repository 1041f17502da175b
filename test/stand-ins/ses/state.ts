/** A JSON object, as it goes over the wire. */
export type Fields = Record<string, unknown>;

/** What one region keeps. */
export interface Region {
  readonly identities: Map<string, Fields>;
  readonly sets: Map<string, Fields>;
  readonly templates: Map<string, Fields>;
  readonly lists: Map<string, Fields>;
  readonly contacts: Map<string, Fields>;
  readonly suppressed: Map<string, Fields>;
  readonly account: Fields;
}

export function emptyRegion(): Region {
  return {
    identities: new Map(),
    sets: new Map(),
    templates: new Map(),
    lists: new Map(),
    contacts: new Map(),
    suppressed: new Map(),
    account: {
      DedicatedIpAutoWarmupEnabled: false,
      EnforcementStatus: 'HEALTHY',
      ProductionAccessEnabled: true,
      SendingEnabled: true,
      SendQuota: { Max24HourSend: 50000, MaxSendRate: 14, SentLast24Hours: 7 },
      SuppressionAttributes: { SuppressedReasons: [] },
    },
  };
}

/** Answered as the API answers: its name for the error, with the status that goes with it. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

export function found(map: ReadonlyMap<string, Fields>, name: unknown): Fields {
  const one = map.get(String(name));
  if (one) return one;
  throw new Refused(404, 'NotFoundException', `${String(name)} does not exist`);
}

export function add(map: Map<string, Fields>, name: unknown, fields: Fields): void {
  if (map.has(String(name))) throw new Refused(400, 'AlreadyExistsException', `${String(name)} exists`);
  map.set(String(name), fields);
}

export function remove(map: Map<string, Fields>, name: unknown): void {
  found(map, name);
  map.delete(String(name));
}

/** A page of what is listed. */
export function page(all: readonly unknown[], { NextToken, PageSize }: Fields): { items: unknown[]; next: Fields } {
  const from = Number(NextToken ?? 0);
  const to = from + Number(PageSize ?? 100);
  return { items: all.slice(from, to), next: to < all.length ? { NextToken: String(to) } : {} };
}
