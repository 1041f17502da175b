import { realpathSync } from 'node:fs';
import { createRepository, openRepository } from '../../src/repository/index.ts';
import { connector } from '../../src/connectors/local/index.ts';
import { writeTree } from '../../src/connectors/local/write-tree.ts';
import type { CapturedResource } from '../../src/kernel/entry.ts';
import { noEvents } from '../../src/kernel/events.ts';
import { systemRuntime } from '../../src/kernel/runtime.ts';
import { openDirectoryStore } from '../../src/storage/directory/index.ts';

/** The engine alone, without the command line: `init|backup|restore REPOSITORY FOLDER`. */
const [verb, repositoryPath, folder] = process.argv.slice(2) as [string, string, string];
const runtime = systemRuntime;
const signal = new AbortController().signal;
const store = await openDirectoryStore({ path: repositoryPath, create: true, runtime });
const access = { store, passphrase: 'bench', runtime };
const repository = verb === 'init' ? await createRepository(access) : await openRepository(access);
if (verb === 'backup') {
  const options = connector.options.parse({ name: 'bench', path: realpathSync(folder) });
  const context = { options, aws: undefined as never, runtime, events: noEvents, signal };
  const session = await repository.startSession({ estate: 'bench', host: 'bench', tags: {}, resume: false });
  for await (const resource of connector.discover(context)) {
    const opened = await session.resource({ ref: resource.ref, source: 'bench', tags: {} });
    await connector.capture(context, resource, opened.sink);
    await opened.finish();
  }
  await session.commit([]);
} else if (verb === 'restore') {
  const reader = await repository.open(await repository.find('latest'));
  const captured = (await reader.resource('local/bench')) as CapturedResource;
  await writeTree(captured, Buffer.from(folder), { writer: repository.fileWriter(), signal });
}
await repository.close();
await store.close();
