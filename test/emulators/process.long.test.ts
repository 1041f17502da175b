import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import { endpointVariables, projectRoot, startMinistack, startMoto, useEndpoints } from './index.ts';
import { emulatorEnvironment } from './install.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-test-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function endsWithin(pid: number, ms: number): Promise<boolean> {
  const giveUpAt = performance.now() + ms;
  while (performance.now() < giveUpAt) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

/** Local addresses the process listens on, as /proc/net/tcp writes them: `0100007F` is 127.0.0.1. */
async function listeningOn(pid: number): Promise<string[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const tables = await Promise.all(['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFile(`/proc/${pid}/net/${name}`)));
  const lines = tables.flatMap((table) => table.toString().split('\n').slice(1, -1));
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state !== '01' && links.includes(`socket:[${inode}]`))
    .map(([, local = '']) => local.slice(0, local.indexOf(':')));
}

describe('an emulator', () => {
  it.each([
    ['moto', startMoto],
    ['ministack', startMinistack],
  ])('%s answers, listens on loopback only, and is gone after stop', async (_, start) => {
    const emulator = await start();
    undo.push(() => emulator.stop());
    const back = useEndpoints({ all: emulator.endpoint });
    undo.push(async () => back());
    const { Account } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
    // One account, whichever emulator a service runs on.
    expect(Account).toBe('123456789012');
    if (process.platform === 'linux') {
      const addresses = await listeningOn(emulator.pid);
      expect(addresses.length).toBeGreaterThan(0);
      expect(new Set(addresses)).toEqual(new Set(['0100007F']));
    }
    await emulator.stop();
    await emulator.stop();
    expect(await endsWithin(emulator.pid, 1_000)).toBe(true);
  });

  it('does not outlive a parent that is killed', async () => {
    const python = path.join(await emulatorEnvironment(), 'bin', 'python');
    const launcher = path.join(projectRoot, 'test', 'emulators', 'launch.py');
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(${JSON.stringify(python)}, [${JSON.stringify(launcher)}, 'moto'], { detached: true });
         child.stdout.once('data', () => console.log(child.pid));`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    process.kill(pid, 0);
    parent.kill('SIGKILL');
    expect(await endsWithin(pid, 5_000)).toBe(true);
  });
});

describe('the endpoints', () => {
  it('replace every AWS setting and put it back', () => {
    const before = { ...process.env };
    process.env['AWS_PROFILE'] = 'a-real-account';
    const back = useEndpoints({ all: 'http://127.0.0.1:1', services: { 'route 53': 'http://127.0.0.1:2' } });
    expect(process.env['AWS_PROFILE']).toBeUndefined();
    expect(process.env['AWS_ENDPOINT_URL_ROUTE_53']).toBe('http://127.0.0.1:2');
    back();
    expect(process.env['AWS_PROFILE']).toBe('a-real-account');
    delete process.env['AWS_PROFILE'];
    expect({ ...process.env }).toEqual(before);
  });

  it('carry dummy credentials', () => {
    expect(endpointVariables({ all: 'http://127.0.0.1:1' })).toMatchObject({ AWS_ACCESS_KEY_ID: 'test' });
  });
});

describe('the installation', () => {
  const script = path.join(projectRoot, 'scripts', 'emulators.mjs');

  async function refusal(environment: Record<string, string>): Promise<string> {
    const running = promisify(execFile)(process.execPath, [script], { env: environment });
    const error = (await running.then(
      () => undefined,
      (error: unknown) => error,
    )) as { stderr: string } | undefined;
    return error?.stderr ?? 'it worked';
  }

  it('says which Python it needs when there is none, or an old one', async () => {
    const folder = await temporaryFolder();
    expect(await refusal({ PATH: folder })).toContain('no Python was found on the PATH');
    await writeFile(path.join(folder, 'python3'), '#!/bin/sh\necho 3 8\n', { mode: 0o755 });
    const said = await refusal({ PATH: folder });
    expect(said).toContain('python3 is 3.8');
    expect(said).toContain('apt-get install python3 python3-venv');
  });

  it('names the Debian package when virtual environments cannot be made', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'ensurepip.py'), 'raise ImportError("no ensurepip", name="ensurepip")\n');
    const said = await refusal({ PATH: process.env['PATH'] ?? '', PYTHONPATH: folder, XDG_CACHE_HOME: folder });
    expect(said).toContain('lacks the module ensurepip');
    expect(said).toMatch(/apt-get install python3\.\d+-venv/);
  });

  it('shows what pip said when a package cannot be had, and leaves no half environment', async () => {
    const folder = await temporaryFolder();
    const said = await refusal({
      PATH: process.env['PATH'] ?? '',
      XDG_CACHE_HOME: folder,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_RETRIES: '0',
      PIP_NO_CACHE_DIR: '1',
    });
    expect(said).toContain('ended with status 1');
    expect(said).toContain('No matching distribution found');
    const left = await readdir(path.join(folder, 'holdfast'));
    expect(left.filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });
});
