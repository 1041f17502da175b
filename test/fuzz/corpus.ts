import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'corpus');
/** Longer ones are not kept: what is found with them is found with shorter ones sooner or later. */
const longestKept = 600;

/** Inputs kept for a parser, a line of hex each: those that once broke a law, and one for every kind of answer. */
export async function readCorpus(name: string): Promise<Uint8Array[]> {
  const text = await readFile(fileOf(name), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [Buffer.from(line, 'hex')]));
}

export async function keepInCorpus(name: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > longestKept) return;
  await appendFile(fileOf(name), `${Buffer.from(bytes).toString('hex')}\n`);
}

function fileOf(name: string): string {
  return join(folder, `${name}.txt`);
}
