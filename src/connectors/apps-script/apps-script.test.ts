import { build } from 'esbuild';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAppsScript, type AppsScriptStandIn } from '../../../test/stand-ins/apps-script/server.ts';
import { makeProject, type Project } from '../../../test/stand-ins/apps-script/state.ts';
import { captureAll, conformanceContext, describeConnector, restoreAll } from '../conformance.ts';
import type { Connector } from '../contract.ts';
import { connector } from './index.ts';
import type { AppsScriptOptions } from './options.ts';

const manifest = { name: 'appsscript', type: 'JSON', source: '{"executionApi":{"access":"MYSELF"}}' };
const code = (text: string): { name: string; type: string; source: string } => ({
  name: 'lib/Code',
  type: 'SERVER_JS',
  source: `function run() { return '${text}' }`,
});
const page = { name: 'Page', type: 'HTML', source: '<p>ö</p>' };

/** Of four versions, the second and the third are deployed. */
function seedRich(stand: AppsScriptStandIn): Project {
  const rich = makeProject(stand.state, 'Orders', 'sheet-1');
  for (const [i, text] of ['one', 'two', 'three', 'four'].entries()) {
    const files = [manifest, code(text)];
    const { scriptId } = rich;
    rich.versions.push({ scriptId, versionNumber: i + 1, description: text, createTime: '', files });
  }
  for (const versionNumber of [2, 3])
    rich.deployments.push({
      deploymentId: `AKrich${versionNumber}`,
      deploymentConfig: { versionNumber, description: `shop ${versionNumber}`, manifestFileName: 'appsscript' },
    });
  rich.files = [page, manifest, code('head')];
  return rich;
}

function settings(stand: AppsScriptStandIn, ...projects: readonly Project[]): AppsScriptOptions {
  const scripts = projects.map(({ scriptId, title }) => ({ id: scriptId, name: title.toLowerCase() }));
  return { scripts, endpoint: stand.endpoint };
}

describeConnector('apps-script, on a stand-in of ours', async () => {
  const stand = await startAppsScript();
  afterAll(() => stand.stop());
  const rich = seedRich(stand);
  const plain = makeProject(stand.state, 'Plain');
  return {
    connector,
    options: settings(stand, rich, plain),
    region: 'local',
    servedBy: 'a stand-in of ours',
    newIdentities: true,
    unverified: ['signing in at Google', 'limits and quotas', 'what a deployment does'],
    async seed() {},
    async readBack() {
      return await Promise.resolve(
        [...stand.state.projects.values()]
          .sort((a, b) => (a.title < b.title ? -1 : 1))
          .map(({ scriptId, title, parentId = '', files, versions, deployments }) => ({
            scriptId,
            title,
            parentId,
            files,
            deployments: deployments.map(({ deploymentId, deploymentConfig: { description = '', versionNumber } }) => ({
              deploymentId,
              description,
              files: versions.find((one) => one.versionNumber === versionNumber)?.files ?? [],
            })),
          })),
      );
    },
    async damage() {
      stand.state.projects.delete(rich.scriptId);
      plain.files = [...plain.files.toReversed(), page];
      await Promise.resolve();
    },
  };
});

describe('apps-script, on a stand-in of ours', () => {
  let stand: AppsScriptStandIn;
  let rich: Project;
  beforeAll(async () => {
    stand = await startAppsScript();
    rich = seedRich(stand);
  });
  afterAll(() => stand.stop());
  const contextOf = (mode: 'exact' | 'revert-changed' = 'exact') => {
    const run = conformanceContext(settings(stand, rich), 'local', 'local');
    return { ...run, context: { ...run.context, mode } };
  };

  it('reads a version once ever', async () => {
    const { context } = contextOf();
    const first = await captureAll(connector, context);
    expect(stand.state.asked.filter((call) => call.includes('versionNumber'))).toHaveLength(4);
    await captureAll(connector, context, first);
    const second = await captureAll(connector, context, first);
    expect(second.get('orders')?.loadedAgain).toBe(0);
    expect(stand.state.asked.filter((call) => call.includes('versionNumber'))).toHaveLength(4);
    const what = second.get('orders')?.captured.ledger.map((note) => note.what);
    expect(what).toEqual(
      expect.arrayContaining(['script properties', 'installable triggers', 'consent', 'addresses of deployments']),
    );
  });

  it('puts back the files and a deployment under its address, and says that all files are replaced', async () => {
    const { context } = contextOf('revert-changed');
    const captured = await captureAll(connector, context);
    const added = { name: 'Added', type: 'SERVER_JS', source: '' };
    rich.files = [manifest, added, code('other')];
    const deployment = rich.deployments[1];
    if (deployment) deployment.deploymentConfig = { ...deployment.deploymentConfig, versionNumber: 4 };
    const one = captured.get('orders')?.captured;
    if (!one || !connector.live) throw new Error('nothing captured');
    const actions = await connector.live.plan(context, one);
    expect(actions.map((action) => action.title)).toEqual([
      'replace all 3 files by 4 (2 differ) of Orders',
      'deploy Orders as it was',
    ]);
    await restoreAll(connector, context, captured);
    expect(rich.files).toEqual([manifest, added, code('head'), page]);
    expect(rich.deployments[1]).toMatchObject({ deploymentId: 'AKrich2', deploymentConfig: { versionNumber: 2 } });
    await restoreAll(connector, contextOf().context, captured);
    expect(rich.files).toEqual([page, manifest, code('head')]);
  });

  it('loses one part where one call is refused', async () => {
    stand.state.denied.add(`projects/${rich.scriptId}/deployments`);
    const { context } = contextOf();
    const one = (await captureAll(connector, context)).get('orders');
    stand.state.denied.clear();
    expect(one?.failures.map(({ code: said }) => said)).toEqual(['item.denied']);
    expect(await one?.captured.json('', 'head.json')).toBeDefined();
  });

  it('copies into a new project where another name is asked for, with the deployed versions', async () => {
    const run = contextOf();
    const context = { ...run.context, rename: (name: string) => `${name}-drill` };
    const before = structuredClone(rich);
    await restoreAll(connector, context, await captureAll(connector, context), run.identities);
    expect(rich).toEqual(before);
    const copy = [...stand.state.projects.values()].find(({ title }) => title === 'orders-drill');
    expect(copy?.versions.map(({ files }) => files)).toEqual([
      [manifest, code('two')],
      [manifest, code('three')],
    ]);
    expect(copy?.files).toEqual(rich.files);
  });

  it('finds the packages of Google in a bundle too', async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'holdfast-'));
    const require = "import { createRequire as $create } from 'node:module'; const require = $create(import.meta.url);";
    await build({
      entryPoints: { connector: fileURLToPath(new URL('index.ts', import.meta.url)) },
      outdir,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      banner: { js: require },
      logLevel: 'error',
    });
    const made = (await import(join(outdir, 'connector.mjs'))) as { readonly connector: Connector<AppsScriptOptions> };
    const one = (await captureAll(made.connector, contextOf().context)).get('orders');
    expect(one?.failures).toEqual([]);
    expect(await one?.captured.json('', 'project.json')).toMatchObject({ title: 'Orders' });
  });

  it('never says what stands in the file of credentials', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'holdfast-')), 'key.json');
    writeFileSync(file, '{"private_key": "very-secret", ');
    const options = { scripts: [{ id: rich.scriptId }], credentials: file };
    const { context } = conformanceContext(options, 'local', 'local');
    const error: unknown = await captureAll(connector, context).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'config.secret-missing' });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('very-secret');
  });

  it('refuses a registry with one script twice, or without credentials', () => {
    const twice = { scripts: [{ id: 'a' }, { id: 'b', name: 'a' }], credentials: '/key.json' };
    expect(connector.options.safeParse(twice).success).toBe(false);
    expect(connector.options.safeParse({ scripts: [{ id: 'a' }] }).success).toBe(false);
    expect(connector.options.safeParse({ scripts: [{ id: 'a' }], credentials: '/key.json' }).success).toBe(true);
  });
});
