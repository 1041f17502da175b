import type { EstateConfig } from '../config/contract.ts';
import { suggestion } from '../config/nearest.ts';
import type { PlanConfig } from '../config/plans.ts';
import { HoldfastError } from '../kernel/errors.ts';
import type { ForgetPolicy } from '../repository/retention/contract.ts';
import { compileSelection } from './selection.ts';

/**
 * What a backup plan keeps, and after it what all other plans keep: a snapshot that any of them is for, and keeps, stays.
 * Throws usage.invalid for a plan that is not there or says nothing of what to keep.
 */
export function policiesOfPlan(config: EstateConfig, name: string): [ForgetPolicy, ...ForgetPolicy[]] {
  const names = Object.keys(config.plans);
  if (!names.includes(name)) {
    const known = names.length === 0 ? 'The configuration has no plans.' : `The plans are: ${names.join(', ')}.`;
    const message = `no plan is named ${name}${suggestion(name, names)}`;
    throw new HoldfastError('usage.invalid', message, { hint: known });
  }
  const [wanted] = policyOf(config, name);
  if (!wanted) {
    const message = `plan ${name} does not say what to keep`;
    throw new HoldfastError('usage.invalid', message, { hint: `Add plans.${name}.keep to holdfast.yaml.` });
  }
  return [wanted, ...names.filter((other) => other !== name).flatMap((other) => policyOf(config, other))];
}

function policyOf(config: EstateConfig, name: string): ForgetPolicy[] {
  const { keep, select } = config.plans[name] as PlanConfig;
  return keep ? [{ name, keep, ...holdsOf(select) }] : [];
}

/** A plan is for the sources it selects; where it selects a part of one, for snapshots of just that part. */
function holdsOf(select: readonly string[]): Pick<ForgetPolicy, 'holds'> {
  if (select.includes('*')) return {};
  const selected = compileSelection({ selectors: select });
  return {
    holds({ source: name, type, selection }) {
      if (!selected.hasSource({ name, type })) return false;
      const part = selected.partOf({ name, type });
      return part === undefined || part === selection;
    },
  };
}
