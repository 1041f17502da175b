import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** The last one of Maven Central that runs on Java 17. */
const version = '2.6.0';
const dependency = `<groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${version}</version>`;

/**
 * DynamoDB Local, AWS's own emulator, in memory on a free port of this machine. Maven fetches it once, with everything it needs, into
 * `${XDG_CACHE_HOME:-~/.cache}/holdfast`. Undefined where there is no Java or no Maven.
 */
export async function startLocal(): Promise<{ readonly origin: string; readonly child: ChildProcess } | undefined> {
  if (!['java', 'mvn'].every(isThere)) return undefined;
  const folder = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'holdfast',
    `dynamodb-local-${version}`,
  );
  if (!existsSync(folder)) fetchTo(folder);
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-Xmx4g',
      `-Djava.library.path=${folder}`,
      '-cp',
      join(folder, '*'),
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    { stdio: 'ignore' },
  );
  const origin = `http://127.0.0.1:${port}`;
  for (let left = 100; ; left--) {
    const isUp = await fetch(origin).then(
      () => true,
      () => false,
    );
    if (isUp) return { origin, child };
    if (left === 0 || child.exitCode !== null) throw new Error('DynamoDB Local does not answer');
    await wait(200);
  }
}

function isThere(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function fetchTo(folder: string): void {
  const coming = `${folder}.coming`;
  mkdirSync(coming, { recursive: true });
  const head =
    '<modelVersion>4.0.0</modelVersion><groupId>holdfast</groupId><artifactId>bench</artifactId><version>1</version>';
  const pom = join(coming, 'pom.xml');
  writeFileSync(pom, `<project>${head}<dependencies><dependency>${dependency}</dependency></dependencies></project>`);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${coming}`];
  execFileSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: ['ignore', 'ignore', 'inherit'] });
  renameSync(coming, folder);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
