import type { TenantSupport } from '../../tenants.ts';
import { itemsOf, tenantsOf } from './items.ts';
import { mapping } from './mapping.ts';

export { applyTenant } from './apply.ts';
export { planTenant } from './plan.ts';

/** Rows of tables that tenants share: told by a column, and through foreign keys. */
export const tenants: TenantSupport = { mapping, tenants: tenantsOf, items: itemsOf };
