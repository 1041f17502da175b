import { z } from 'zod';

/** Options of a `cloudfront` source: none besides the common ones. */
export const options = z.strictObject({});

export type CloudFrontOptions = z.infer<typeof options>;
