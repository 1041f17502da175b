import type { Json } from '../../kernel/json.ts';

type Fields = Readonly<Record<string, Json | undefined>>;

/**
 * The trust a role is created with: the captured one without the roles and users it names, which IAM refuses to know before
 * they are there. Services, accounts and identity providers stay, so that a function can be created with the role at once.
 * Where nothing is left nobody may assume it: the account's root is denied.
 */
export function firstTrust(trust: Json | undefined, root: string): Json {
  const whole = (trust ?? {}) as Fields;
  const all = whole['Statement'];
  const statements = (Array.isArray(all) ? all : all === undefined ? [] : [all]) as readonly Fields[];
  const kept = statements.flatMap(withoutUnknown);
  const nobody = { Effect: 'Deny', Principal: { AWS: root }, Action: 'sts:AssumeRole' };
  return { ...whole, Version: whole['Version'] ?? '2012-10-17', Statement: kept.length === 0 ? [nobody] : kept };
}

function withoutUnknown(statement: Fields): Fields[] {
  const { Principal: principal, NotPrincipal: others, ...rest } = statement;
  if (others !== undefined) return rest['Effect'] === 'Deny' ? [{ ...rest, Principal: { AWS: '*' } }] : [];
  if (typeof principal !== 'object' || principal === null || Array.isArray(principal)) return [statement];
  const { AWS, ...notAws } = principal as Fields;
  if (AWS === undefined) return [statement];
  const named = (Array.isArray(AWS) ? AWS : [AWS]) as readonly string[];
  const known = named.filter(isAccount);
  if (known.length === named.length) return [statement];
  const left = { ...notAws, ...(known.length > 0 ? { AWS: known } : {}) };
  return Object.keys(left).length === 0 ? [] : [{ ...rest, Principal: left }];
}

/** `*`, an account's number, or its root: there before any role is. */
function isAccount(principal: string): boolean {
  return principal === '*' || /^\d{12}$/.test(principal) || /^arn:[a-z-]+:iam::\d{12}:root$/.test(principal);
}

/** A policy as it is compared: IAM keeps lists of words in any order, and a list of one as the word alone. */
export function comparablePolicy(value: Json): Json {
  if (Array.isArray(value)) {
    const inner = value.map(comparablePolicy);
    if (!inner.every((one) => typeof one === 'string')) return inner;
    return inner.length === 1 ? (inner[0] as Json) : inner.sort();
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value as Fields).map(([key, inner]) => {
      const one = key === 'Statement' && !Array.isArray(inner) ? [inner as Json] : (inner as Json);
      return [key, comparablePolicy(one)];
    }),
  );
}
