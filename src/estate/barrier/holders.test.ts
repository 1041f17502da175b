import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/servers/index.ts';
import { barriersOf } from '../../config/barriers.ts';
import { barriersGrammar } from '../../config/barriers-grammar.ts';
import { HoldfastError } from '../../kernel/errors.ts';
import { systemRuntime } from '../../kernel/runtime.ts';
import type { Holder } from './contract.ts';
import { openHolder } from './holder.ts';

let folder = '';
let log = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-barrier-'));
  log = join(folder, 'log');
});
beforeEach(async () => await writeFile(log, ''));
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function logged(): Promise<string[]> {
  return (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '');
}

/** Waits for what another process writes. */
async function untilLogged(...lines: string[]): Promise<void> {
  await expect.poll(logged, { timeout: 10_000 }).toEqual(lines);
}

async function script(name: string, ...lines: string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o700);
  return `./${name}`;
}

async function holderOf(barrier: object, secrets: readonly string[] = []): Promise<Holder> {
  const written = barriersGrammar.parse({ one: { sources: ['a'], ...barrier } });
  const { one } = barriersOf(written, { PATH: process.env['PATH'], HOME: folder, PASSPHRASE: 'never' }, secrets);
  if (!one) throw new Error('no barrier');
  return await openHolder(one, { runtime: systemRuntime, folder });
}

function afterMs(ms: number): AbortSignal {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new HoldfastError('barrier.failed', 'too late')), ms);
  return abort.signal;
}

const free = (): AbortSignal => new AbortController().signal;

describe('two programs', () => {
  it('hold and let go, with the variables that are named for them and no others', async () => {
    const hold = await script('hold.sh', 'echo "hold $1 $TOKEN $PASSPHRASE." >> log');
    const release = await script('release.sh', 'echo "release $1" >> log');
    const words = ["it's; $HOME `id`"];
    const command = { hold: [hold, ...words], release: [release, ...words], env: { TOKEN: 't0' } };
    const holder = await holderOf({ command });
    expect(await holder.check(free())).toBe('hold.sh and release.sh can be run');
    expect(await logged()).toEqual([]);
    const held = await holder.hold(free());
    expect(await logged()).toEqual(["hold it's; $HOME `id` t0 ."]);
    await held.release();
    expect(await logged()).toEqual(["hold it's; $HOME `id` t0 .", "release it's; $HOME `id`"]);
  });

  it('let go where holding fails, and say why without a secret', async () => {
    const hold = await script('broken.sh', 'echo "hold" >> log', 'echo "cannot sign in with $TOKEN" >&2', 'exit 3');
    const release = await script('release.sh', 'echo "release" >> log');
    const holder = await holderOf({ command: { hold: [hold], release: [release], env: { TOKEN: 'hunter2' } } }, [
      'hunter2',
    ]);
    await expect(holder.hold(free())).rejects.toMatchObject({
      code: 'barrier.failed',
      message: 'broken.sh ended with status 3: cannot sign in with ***',
    });
    expect(await logged()).toEqual(['hold', 'release']);
    const gone = await holderOf({ command: { hold: ['./nowhere'], release: [release] } });
    await expect(gone.hold(free())).rejects.toMatchObject({ code: 'barrier.failed' });
    await expect(gone.check(free())).rejects.toMatchObject({ message: './nowhere is not there, or cannot be run' });
  });

  it('let go where holding takes too long, and only when that program has ended', async () => {
    const hold = await script('slow.sh', 'echo "hold" >> log', 'exec sleep 60');
    const release = await script('release.sh', 'echo "release" >> log');
    const holder = await holderOf({ command: { hold: [hold], release: [release] } });
    await expect(holder.hold(afterMs(300))).rejects.toThrow('too late');
    expect((await logged()).at(-1)).toBe('release');
  });

  it('say so where letting go fails, or does not end', async () => {
    const hold = await script('hold.sh', 'exit 0');
    const failing = await holderOf({ command: { hold: [hold], release: ['/bin/false'] } });
    await expect((await failing.hold(free())).release()).rejects.toMatchObject({
      code: 'barrier.not-released',
      message: 'false, which lets go, ended with status 1',
    });
    const hanging = await holderOf({ command: { hold: [hold], release: ['/bin/sleep', '3'] }, timeout: '200ms' });
    await expect((await hanging.hold(free())).release()).rejects.toThrow('has not ended after 200 ms');
    const both = await holderOf({ command: { hold: ['/bin/false'], release: ['/bin/false'] } });
    await expect(both.hold(free())).rejects.toMatchObject({
      code: 'barrier.not-released',
      message: 'false ended with status 1; false, which lets go, ended with status 1',
    });
  });
});

describe('one program that holds while its input is open', () => {
  const lines = ['echo starting', 'echo HELD', 'echo held >> log', 'cat > /dev/null', 'echo released >> log'];

  it('is held from its line on, and lets go when the input is closed', async () => {
    const run = await script('holds.sh', ...lines);
    const holder = await holderOf({ command: { run: [run], held: 'HELD' } });
    const held = await holder.hold(free());
    await untilLogged('held');
    await held.release();
    expect(await logged()).toEqual(['held', 'released']);
  });

  it('that ends before its line has not held, and after it has lost', async () => {
    const never = await holderOf({ command: { run: ['/bin/sh', '-c', 'echo no; exit 4'], held: 'HELD' } });
    await expect(never.hold(free())).rejects.toMatchObject({
      code: 'barrier.failed',
      message: 'sh ended with status 4, before it held',
    });
    const short = await holderOf({ command: { run: ['/bin/sh', '-c', 'echo HELD; exit 0'] } });
    const held = await short.hold(free());
    expect(await held.lost).toMatchObject({ code: 'barrier.lost', message: 'sh ended with status 0' });
    const gone = await holderOf({ command: { run: ['./nowhere'] } });
    await expect(gone.hold(free())).rejects.toThrow('could not be run');
  });

  it('that says nothing in time is let go of, and one that does not end is ended', async () => {
    const silent = await holderOf({ command: { run: ['/bin/sh', '-c', 'cat > /dev/null; echo released >> log'] } });
    await expect(silent.hold(afterMs(200))).rejects.toThrow('too late');
    await untilLogged('released');
    const deaf = await holderOf({ command: { run: ['/bin/sh', '-c', 'echo HELD; exec sleep 60'] }, timeout: '200ms' });
    const held = await deaf.hold(free());
    await expect(held.release()).rejects.toMatchObject({ code: 'barrier.not-released' });
  });
});

describe('a service', () => {
  let server: Server;
  let base = '';
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => void response.end('ok');
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        asked.push(
          `${method} ${url} ${headers['authorization'] ?? ''} ${String(headers['holdfast-max-hold'] ?? '')} ${body}`,
        );
        answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked.length = 0;
    answer = (_, response) => void response.end('ok');
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function service(more: object = {}): Promise<Holder> {
    const hold = { url: `${base}/pause?key=k1`, headers: { authorization: 'Bearer hunter2' }, body: '{"a":1}' };
    return await holderOf({ http: { hold, release: { url: `${base}/pause`, method: 'DELETE' } }, ...more }, [
      'hunter2',
      'k1',
    ]);
  }

  it('is asked to hold, told for how long at most, and asked to let go', async () => {
    const holder = await service({ 'max-hold': '2500ms' });
    expect(await holder.check(free())).toContain('can be reached');
    expect(asked).toEqual([]);
    const held = await holder.hold(free());
    await held.release();
    expect(asked).toEqual(['POST /pause?key=k1 Bearer hunter2 3 {"a":1}', 'DELETE /pause   ']);
  });

  it('that refuses, or sends elsewhere, does not hold: it is asked to let go all the same', async () => {
    for (const status of [503, 302]) {
      asked.length = 0;
      answer = ({ method }, response) =>
        void response.writeHead(method === 'POST' ? status : 200, { location: '/x' }).end('hunter2');
      const problem = await (await service()).hold(free()).catch((error: unknown) => error as HoldfastError);
      expect(problem).toMatchObject({ code: 'barrier.failed', message: `${base}/pause: answered ${status}` });
      expect(asked.map((one) => one.split(' ')[0])).toEqual(['POST', 'DELETE']);
    }
  });

  it('that does not answer in time is asked to let go', async () => {
    answer = ({ method }, response) => {
      if (method === 'DELETE') response.end();
    };
    await expect((await service()).hold(afterMs(200))).rejects.toThrow('too late');
    expect(asked.map((one) => one.split(' ')[0])).toEqual(['POST', 'DELETE']);
  });

  it('is asked to let go again where that fails, and named where it never does', async () => {
    let failures = 1;
    answer = ({ method }, response) => {
      response.statusCode = method === 'DELETE' && failures-- > 0 ? 500 : 200;
      response.end();
    };
    await (await (await service()).hold(free())).release();
    expect(asked).toHaveLength(3);
    failures = 9;
    await expect((await (await service()).hold(free())).release()).rejects.toMatchObject({
      code: 'barrier.not-released',
      message: `${base}/pause does not let go: answered 500`,
    });
  });

  it('that cannot be reached is named without its secrets', async () => {
    const port = await freePort();
    const nowhere = { url: `http://127.0.0.1:${port}/hunter2?key=k1` };
    const holder = await holderOf({ http: { hold: nowhere, release: { url: `${base}/pause` } } }, ['hunter2', 'k1']);
    for (const ask of [holder.check, holder.hold])
      await expect(ask(free())).rejects.toMatchObject({
        code: 'barrier.failed',
        message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\*\*\*.*ECONNREFUSED/) as string,
      });
  });
});
