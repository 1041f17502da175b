import type { z } from 'zod';

/** What the configuration needs to know of the source types; the estate passes it in, since config imports no connector. */
export interface SourceTypes {
  readonly names: readonly string[];
  /** Undefined for a type nobody registered. */
  describe(type: string): Promise<SourceType | undefined>;
}

interface SourceType {
  readonly title: string;
  readonly options: z.ZodType;
}
