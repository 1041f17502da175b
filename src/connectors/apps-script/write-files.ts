import { HoldfastError } from '../../kernel/errors.ts';
import { readFiles, sameFiles, type ScriptFile } from './files.ts';
import type { Target } from './target.ts';

/**
 * Makes these the only files of the project, in this order, and reads them back. Throws item.invalid without a manifest,
 * which Google asks for, and item.changed where they read back otherwise.
 */
export async function writeFiles(
  { client, resource }: Pick<Target, 'client' | 'resource'>,
  scriptId: string,
  files: readonly ScriptFile[],
): Promise<void> {
  if (!files.some(({ name, type }) => name === 'appsscript' && type === 'JSON'))
    throw new HoldfastError('item.invalid', `${resource} has no manifest (appsscript.json), which Google asks for`, {
      resource,
    });
  const requestBody = { files: files.map((file) => ({ ...file })) };
  await client.ask('projects.updateContent', resource, (settings) =>
    client.projects.updateContent({ scriptId, requestBody }, settings),
  );
  if (!sameFiles(await readFiles(client, scriptId, resource), files))
    throw new HoldfastError('item.changed', `the files of ${resource} were written but read back otherwise`, {
      resource,
    });
}
