import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { patternProblem } from './exclude.ts';

/** One source of type `local`: one folder or one file. */
export interface LocalOptions {
  /** The source's name: the name of its resource. */
  readonly name: string;
  /** Absolute; the configuration's own folder is the base of relative ones, resolved before they come here. */
  readonly path: string;
  /** Glob patterns on paths relative to the folder: see exclude.ts. */
  readonly exclude: readonly string[];
  /** Name the mount points below the folder, but do not enter them. */
  readonly 'one-file-system': boolean;
  /** Of directories tagged by CACHEDIR.TAG keep the tag only. */
  readonly 'exclude-caches': boolean;
  /** Do not read a file again because only its ctime changed. */
  readonly 'ignore-ctime': boolean;
  /** Do not read a file again because only its inode changed: network file systems that renumber. */
  readonly 'ignore-inode': boolean;
  /** Capture extended attributes (and with them ACLs and capabilities). */
  readonly xattrs: boolean;
}

export const options: z.ZodType<LocalOptions> = z.strictObject({
  name: z
    .string()
    .regex(/^[^/\0]+$/, 'the name of a local source has no slash')
    .refine((name) => name !== '.' && name !== '..', 'the name of a local source is not `.` or `..`')
    .default('local'),
  path: z
    .string()
    .refine((path) => isAbsolute(path), 'the path is not absolute')
    .refine((path) => !path.includes('\0'), 'the path contains a NUL'),
  exclude: z
    .array(
      z.string().superRefine((pattern, context) => {
        const problem = patternProblem(pattern);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      }),
    )
    .default([]),
  'one-file-system': z.boolean().default(false),
  'exclude-caches': z.boolean().default(false),
  'ignore-ctime': z.boolean().default(false),
  'ignore-inode': z.boolean().default(false),
  xattrs: z.boolean().default(true),
});
