import { z } from 'zod';

/** There is nothing to choose: an account's IAM is small, and half of it restores nothing. */
export const options = z.strictObject({});

export type Options = z.infer<typeof options>;
