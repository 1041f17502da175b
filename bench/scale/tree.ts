import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `files`: folders of a thousand files of about 1 KiB. `directory`: all in one folder, about 200 bytes each. */
export type TreeShape = 'files' | 'directory';

const filesPerFolder = 1000;

/** The same files for the same number, always; made once, and again only when an earlier run did not come to its end. */
export function makeTree(folder: string, shape: TreeShape, count: number): void {
  const finished = `${folder}.made`;
  if (existsSync(finished)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const name = `file-${String(i).padStart(8, '0')}.txt`;
    if (shape === 'directory') writeFileSync(join(folder, name), contentOf(i, 2));
    else {
      const below = join(folder, `folder-${String(Math.floor(i / filesPerFolder)).padStart(5, '0')}`);
      if (i % filesPerFolder === 0) mkdirSync(below);
      writeFileSync(join(below, name), contentOf(i, 10));
    }
  }
  writeFileSync(finished, '');
}

export function removeTree(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.made`, { force: true });
}

/** Text that compresses somewhat, as text does: about 100 bytes a line. */
function contentOf(number: number, lines: number): string {
  const digest = createHash('sha256').update(`file ${number}`).digest('hex');
  let text = '';
  for (let line = 0; line < lines; line++)
    text += `record ${number} line ${line}: status=ready owner=team-${number % 97} ${digest.slice(line, line + 40)}\n`;
  return text;
}
