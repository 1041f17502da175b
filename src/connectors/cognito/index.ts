import type { Connector } from '../contract.ts';
import { documentConnector } from '../documents/index.ts';
import { without } from '../documents/said.ts';
import { apply } from './apply.ts';
import { capture } from './capture.ts';
import { plan } from './plan.ts';
import { cognito } from './service.ts';
import { usersCollection, type UserRow, settable } from './users.ts';

const documents = documentConnector(cognito);

/** User pools with their clients, providers and groups; users and memberships as rows. */
export const connector: Connector<Record<string, never>> = {
  ...documents,
  capture,
  comparable(where, value) {
    if (where.collection !== usersCollection || where.part !== 'content')
      return documents.comparable?.(where, value) ?? value;
    // Whether a password was ever chosen is lost with the password.
    return {
      ...(without(value, 'status', 'username') as object),
      attributes: settable(value as unknown as UserRow),
    };
  },
  live: { ...documents.live, plan, apply },
};
