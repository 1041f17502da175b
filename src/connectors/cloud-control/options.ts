import { z } from 'zod';

/** `types: ["AWS::Logs::LogGroup"]`: which types are captured; there is no list of all that are worth it. */
export const options = z.strictObject({
  types: z.array(z.string().regex(/^[A-Za-z0-9]+(::[A-Za-z0-9]+){2,3}$/)).min(1),
});

export type Options = z.infer<typeof options>;
