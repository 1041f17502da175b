import { HoldfastError } from '../kernel/errors.ts';

/** `from=to` of --rename. `from`: a name, or a pattern with one `*`, which `to` has as well; `type/` before it narrows it. */
export interface RenameRule {
  readonly from: string;
  readonly to: string;
}

/**
 * The name each resource gets at the target: the first rule that fits. Throws usage.invalid for a pattern that would give
 * several resources one name. Rules that fitted a name are added to `used`.
 */
export function createRenamer(
  rules: readonly RenameRule[],
  types: readonly string[],
  used: Set<RenameRule> = new Set(),
): (type: string, name: string) => string {
  const compiled = rules.map((rule) => ({ rule, rename: compileRule(rule, types) }));
  return (type, name) => {
    for (const { rule, rename } of compiled) {
      const renamed = rename(type, name);
      if (renamed === undefined) continue;
      used.add(rule);
      return renamed;
    }
    return name;
  };
}

/**
 * Throws usage.invalid for a rule that fitted nothing. Restored without it, what should have come back under another name would be
 * written over what is there.
 */
export function refuseUnused(
  rules: readonly RenameRule[],
  used: ReadonlySet<RenameRule>,
  names: readonly string[],
): void {
  const unused = rules.find((rule) => !used.has(rule));
  if (!unused) return;
  const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  const { from, to } = unused;
  throw new HoldfastError(
    'usage.invalid',
    `--rename ${from}=${to} fits nothing that is restored, or another one before it does`,
    {
      hint: `Restored would be ${shown}. Nothing was changed.`,
    },
  );
}

function compileRule(
  { from, to }: RenameRule,
  types: readonly string[],
): (type: string, name: string) => string | undefined {
  const ofType = types.find((type) => from.startsWith(`${type}/`));
  const pattern = ofType === undefined ? from : from.slice(ofType.length + 1);
  const target = ofType !== undefined && to.startsWith(`${ofType}/`) ? to.slice(ofType.length + 1) : to;
  const [stars, targetStars] = [starsIn(pattern), starsIn(target)];
  if (stars > 1 || targetStars !== stars) {
    throw new HoldfastError('usage.invalid', `--rename ${from}=${to}: a pattern has one *, on both sides`, {
      hint: "For example --rename 's3-buckets/*=*-dr'.",
    });
  }
  const [before = '', after = ''] = pattern.split('*');
  return (type, name) => {
    if (ofType !== undefined && ofType !== type) return undefined;
    if (stars === 0) return name === pattern ? target : undefined;
    const fits = name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after);
    return fits ? target.replace('*', () => name.slice(before.length, name.length - after.length)) : undefined;
  };
}

function starsIn(text: string): number {
  return text.split('*').length - 1;
}
