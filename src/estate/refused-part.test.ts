import { expect, it } from 'vitest';
import { addThing, createProvider, thingConnector } from '../../test/estate/things.ts';
import { createTestEstate } from '../../test/estate/memory-estate.ts';
import { refusal } from '../connectors/documents/refusal.ts';
import { HoldfastError } from '../kernel/errors.ts';
import { discoverEstate } from './discover.ts';
import { findDrift } from './drift.ts';
import { mayBegin } from './selection.ts';
import { takeSnapshot } from './snapshot.ts';

const settings = { selection: { selectors: [] as string[] }, tags: {}, resume: false };

/** Things called `shop/…` and `mail/…`; the latter cannot be listed while `refuses` says so. */
async function scene() {
  const provider = createProvider();
  for (const name of ['shop/web', 'shop/api', 'mail/in']) addThing(provider, 'us-east-1', name);
  const base = thingConnector(provider);
  const denied = new HoldfastError('item.denied', 'ListMail of things failed: AccessDenied');
  const now = { refuses: true };
  const connector: typeof base = {
    ...base,
    async *discover(context) {
      for await (const found of base.discover(context)) {
        if (!now.refuses || !found.ref.name.startsWith('mail/')) yield found;
        else yield refusal({ ...found.ref, name: 'mail/' }, denied);
      }
    },
  };
  const made = await createTestEstate([connector]);
  return { provider, made, now };
}

it('a part of a listing that is refused is a failure of its source, and no resource', async () => {
  const { made } = await scene();
  const { info, manifest } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  expect(info).toMatchObject({ outcome: 'partial', totals: { resources: 2 } });
  const [component] = manifest.components;
  expect(component?.source).toMatchObject({ captured: 2, partial: 0, failures: [{ code: 'item.denied' }] });
  expect(component?.source.expected).toBeUndefined();
  const types = ['things'];
  const found = await discoverEstate(made.estate, { selectors: [] }, { lookup: made.lookup, types });
  expect(found.sources[0]).toMatchObject({ resources: [{}, {}], errors: [{ code: 'item.denied' }] });
});

it('it costs nothing where something else was selected', async () => {
  const { made } = await scene();
  const selection = { selectors: ['things/shop/*'] };
  const { info } = await takeSnapshot(made.estate, made.repository, { ...settings, selection }, made.lookup);
  expect(info.outcome).toBe('complete');
});

it('drift does not take for missing what could not be listed, and still sees what is', async () => {
  const { provider, made, now } = await scene();
  now.refuses = false;
  const { info } = await takeSnapshot(made.estate, made.repository, settings, made.lookup);
  now.refuses = true;
  provider.regions.get('us-east-1')?.delete('shop/api');
  const reader = await made.repository.open(info);
  const report = await findDrift(made.again(), made.repository, reader, { selectors: [] }, made.lookup);
  expect(report.resources.map(({ resource, change }) => [resource, change])).toEqual([['things/shop/api', 'missing']]);
  expect(report.failures.map(({ code }) => code)).toEqual(['item.denied']);
});

it.each<readonly [string, boolean]>([
  ['*', true],
  ['mail/*', true],
  ['mail/in', true],
  ['ma*', true],
  ['shop/*', false],
  ['mail', false],
  ['{mail,shop}/*', true],
])('pattern %s may begin with mail/: %s', (pattern, expected) => {
  expect(mayBegin(pattern, 'mail/')).toBe(expected);
});
