import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endpointVariables } from './endpoints.ts';
import { awsCliPrograms } from './install.ts';

interface ScriptResult {
  readonly status: number;
  /** Both outputs, one after the other. */
  readonly said: string;
}

/** Runs a script with `sh` and the AWS CLI against an emulator, among `files` by their names, in an environment that has nothing else. */
export async function runAwsScript(
  endpoint: string,
  files: ReadonlyMap<string, Uint8Array>,
  script: string,
): Promise<ScriptResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-script-'));
  try {
    for (const [name, content] of files) await writeFile(path.join(folder, name), content);
    const env = {
      ...endpointVariables({ all: endpoint }),
      PATH: `${await awsCliPrograms()}:/usr/bin:/bin`,
      LC_ALL: 'C',
    };
    return await new Promise((resolve) => {
      execFile('/bin/sh', [path.join(folder, script)], { env, cwd: tmpdir() }, (error, stdout, stderr) => {
        const code = error?.code;
        resolve({ status: error ? (typeof code === 'number' ? code : 1) : 0, said: stdout + stderr });
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ScriptedCall {
  /** The words before the document: `call copy-object`. */
  readonly command: string;
  readonly input: unknown;
}

/** The documents that a script hands to its own functions. */
export function callsOf(script: string): ScriptedCall[] {
  return [...script.matchAll(/^(.*) <<'HOLDFAST'\n(.*)\nHOLDFAST$/gm)].map(([, command = '', json = '']) => ({
    command,
    input: JSON.parse(json) as unknown,
  }));
}
