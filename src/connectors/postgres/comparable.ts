import type { Connector } from '../contract.ts';

/** For drift and verify: what is noted of a page so that tenants are found sooner follows from its rows and the configuration. */
export const comparable: NonNullable<Connector['comparable']> = ({ part }, value) =>
  part === 'details' ? null : value;
