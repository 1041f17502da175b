import { z } from 'zod';

export const options = z.strictObject({
  /** Seconds a restore waits for its changes to reach every name server (Route 53 takes about 60). */
  propagationTimeout: z.number().int().min(0).max(3600).default(300),
});

export type Options = z.infer<typeof options>;
