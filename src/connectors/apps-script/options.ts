import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** One source of type `apps-script`: a registry of projects, because Google has no list of them. */
export interface AppsScriptOptions {
  readonly scripts: readonly ScriptOption[];
  /** A file of Google's own making: `authorized_user` or `service_account`. Its contents are never stored. */
  readonly credentials?: string | undefined;
  /** Another address of the API, for tests. What goes there carries no credentials. */
  readonly endpoint?: string | undefined;
}

export interface ScriptOption {
  readonly id: string;
  /** The resource's name; by default the id. */
  readonly name?: string | undefined;
}

export const options: z.ZodType<AppsScriptOptions> = z
  .strictObject({
    scripts: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[A-Za-z0-9_-]+$/, 'a script id has letters, digits, `_` and `-`'),
          name: z
            .string()
            .regex(/^[^/\0]+$/, 'the name of a script has no slash')
            .refine((name) => name !== '.' && name !== '..', 'the name of a script is not `.` or `..`')
            .optional(),
        }),
      )
      .min(1, 'name at least one script: Google has no list of them'),
    credentials: z
      .string()
      .refine((path) => isAbsolute(path), 'the path of the credentials is not absolute')
      .optional(),
    endpoint: z.url().optional(),
  })
  .superRefine(({ scripts, credentials, endpoint }, context) => {
    const complain = (message: string, ...path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path });
    if (credentials === undefined && endpoint === undefined) complain('name the file of credentials', 'credentials');
    const seen = new Set<string>();
    for (const [i, script] of scripts.entries()) {
      for (const word of new Set([script.id, nameOf(script)])) {
        if (seen.has(word)) complain(`${word} is named twice`, 'scripts', i);
        seen.add(word);
      }
    }
  });

export function nameOf({ id, name }: ScriptOption): string {
  return name ?? id;
}
