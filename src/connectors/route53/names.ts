/** Name of the resource that holds what belongs to the account and to no zone. Route 53 writes `+` in a zone's name as `\053`. */
export const accountResource = '+account';

interface NamedZone {
  readonly id: string;
  /** The id of the zone this one replaces, its own otherwise; see lineage.ts. */
  readonly origin: string;
  readonly name: string;
  readonly private: boolean;
}

/**
 * A domain name in Route 53's own form, with the trailing dot: whatever is not a letter, a digit, `.`, `-` or `_` as
 * `\ooo` (developer guide, DomainNameFormat), but the wildcard as `*`, which requests accept as well.
 */
export function canonicalName(name: string): string {
  const escaped = name.replaceAll(/\\[0-7]{3}|[^A-Za-z0-9._*-]/gu, (piece) => {
    if (piece === '\\052') return '*';
    if (piece.length === 4 && piece.startsWith('\\')) return piece;
    return [...new TextEncoder().encode(piece)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return escaped.endsWith('.') ? escaped : `${escaped}.`;
}

/** The same without the trailing dot, for keys and people. */
export function readableName(name: string): string {
  return canonicalName(name).slice(0, -1);
}

/** Key of a record set within its zone: `www.example.com/A` or `www.example.com/A/blue`. */
export function recordKey(set: {
  readonly Name: string | undefined;
  readonly Type: string | undefined;
  readonly SetIdentifier?: string | undefined;
}): string {
  const key = `${readableName(set.Name ?? '')}/${set.Type ?? ''}`;
  return set.SetIdentifier === undefined ? key : `${key}/${segment(set.SetIdentifier)}`;
}

/**
 * Resource names by zone id. A public zone is called by its name. A name can be shared: by private zones, always called
 * `example.com.private-<id>`, and by several public ones, then all called `example.com.public-<id>`, so that a plain name never
 * comes to mean another zone. `<id>` is that of the zone the restored one replaces: a restore keeps the resource's name.
 */
export function zoneResourceNames(zones: readonly NamedZone[]): ReadonlyMap<string, string> {
  const publicZones = new Map<string, number>();
  for (const zone of zones) {
    const name = readableName(zone.name);
    if (!zone.private) publicZones.set(name, (publicZones.get(name) ?? 0) + 1);
  }
  return new Map(
    zones.map((zone) => {
      const name = readableName(zone.name);
      if (zone.private) return [zone.id, `${name}.private-${zone.origin}`];
      return [zone.id, publicZones.get(name) === 1 ? name : `${name}.public-${zone.origin}`];
    }),
  );
}

/** True when the resource's name tells that the account had other zones of this name. */
export function sharesName(resourceName: string, zoneName: string): boolean {
  return resourceName !== readableName(zoneName);
}

/** The id at the end of `/hostedzone/Z123`, `/change/C123`, `/delegationset/N123`. */
export function bareId(id: string | undefined): string {
  return (id ?? '').replace(/^.*\//, '');
}

// A set identifier is any text; as part of a path it must neither divide nor leave it.
function segment(text: string): string {
  const safe = text.replaceAll(/[%/\\\p{Cc}]/gu, percent);
  return safe.startsWith('.') ? `%2E${safe.slice(1)}` : safe;
}

function percent(character: string): string {
  return `%${character.codePointAt(0)?.toString(16).toUpperCase().padStart(2, '0')}`;
}
