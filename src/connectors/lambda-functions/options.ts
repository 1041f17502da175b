import { z } from 'zod';

/** Options of a `lambda-functions` source: none besides the common ones. */
export const options = z.strictObject({});

export type LambdaOptions = z.infer<typeof options>;
