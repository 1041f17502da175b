/**
 * Which moment a captured resource shows. `instant`: all of it is as it was at one instant, which lies between `from` and `to`.
 * `interval`: its parts were read one after the other between them. Times are in ms since the epoch.
 */
export interface Moment {
  readonly kind: 'instant' | 'interval';
  readonly from: number;
  readonly to: number;
  /** By whose clock: that of the server that was captured, or that of the machine at work. */
  readonly clock: 'server' | 'machine';
  /** With the server's clock: when its answer was here, by the machine's. */
  readonly seenAt?: number;
  /** The source's own word for the point: transactions, a position in its log. Holds no secret. */
  readonly position?: string;
}

/** What a capture says of its moment. An interval lasts from now until the capture ends, by the machine's clock. */
export type ReachedMoment =
  | (Omit<Moment, 'seenAt' | 'kind'> & { readonly kind: 'instant' })
  | { readonly kind: 'interval' };
