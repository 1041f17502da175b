import { createHash } from 'node:crypto';
import { HoldfastError } from '../../kernel/errors.ts';
import { asBuffer } from '../../kernel/bytes.ts';
import { crc32c } from './crc32c.ts';

/** What was received of the files of a backup, to be compared with its manifest; 16 bytes for each file. */
export interface ReceivedFiles {
  add(path: string, size: number, checksum: number): void;
}

export interface ManifestCheck extends ReceivedFiles {
  /** Takes the manifest's next bytes. */
  push(bytes: Uint8Array): void;
  /** The files that are not what the manifest says, and what is wrong with it as a whole. */
  finish(): readonly ManifestProblem[];
}

export interface ManifestProblem {
  /** Absent: the manifest itself. */
  readonly path?: string;
  readonly problem: string;
}

const mostProblems = 100;
const checksumLine = '"Manifest-Checksum": "';

/**
 * Compares a backup manifest (PostgreSQL documentation, "Backup Manifest Format") with what was received. The server lists files
 * in the order in which it sent them, one to a line; WAL is not in it.
 */
export function createManifestCheck(): ManifestCheck {
  let sizes = new Float64Array(1024);
  let checksums = new Uint32Array(1024);
  let paths = new Uint32Array(1024);
  let received = 0;
  let listed = 0;
  let rest = '';
  let own: string | undefined;
  const hash = createHash('sha256');
  const problems: ManifestProblem[] = [];

  function note(problem: ManifestProblem): void {
    if (problems.length < mostProblems) problems.push(problem);
  }
  function line(text: string): void {
    if (text.startsWith(checksumLine)) {
      own = text.slice(checksumLine.length, checksumLine.length + 64);
      return;
    }
    hash.update(`${text}\n`);
    if (!/^\{ "(Path|Encoded-Path)"/.test(text)) return;
    const file = JSON.parse(text.replace(/,$/, '')) as ListedFile;
    const path = file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8');
    const at = listed++;
    if (at >= received || paths[at] !== crc32c(Buffer.from(path)))
      note({ path, problem: 'was not sent where the manifest has it' });
    else if (sizes[at] !== file.Size)
      note({ path, problem: `has ${sizes[at]} bytes where the manifest says ${file.Size}` });
    else if (checksumOf(checksums[at] as number) !== file.Checksum)
      note({ path, problem: 'does not have the checksum of the manifest' });
  }
  return {
    add(path, size, checksum) {
      if (received === sizes.length) {
        sizes = grown(sizes, new Float64Array(received * 2));
        checksums = grown(checksums, new Uint32Array(received * 2));
        paths = grown(paths, new Uint32Array(received * 2));
      }
      sizes[received] = size;
      checksums[received] = checksum;
      paths[received++] = crc32c(Buffer.from(path));
    },
    push(bytes) {
      const lines = (rest + asBuffer(bytes).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) line(Buffer.from(text, 'latin1').toString('utf8'));
    },
    finish() {
      if (listed !== received) note({ problem: `the manifest lists ${listed} files and ${received} were sent` });
      if (own !== hash.digest('hex')) note({ problem: 'the manifest does not have its own checksum' });
      return problems;
    },
  };
}

interface ListedFile {
  readonly Path?: string;
  readonly 'Encoded-Path'?: string;
  readonly Size: number;
  readonly Checksum?: string;
}

/** As manifests write a CRC-32C: its four bytes as they lie in the memory of a little-endian machine, in hex. */
function checksumOf(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc);
  return bytes.toString('hex');
}

function grown<Column extends Float64Array | Uint32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** What a manifest's problem costs: the item it is about. */
export function manifestError({ path, problem }: ManifestProblem, resource: string): HoldfastError {
  return new HoldfastError('item.damaged', path === undefined ? problem : `${path} ${problem}`, {
    resource,
    hint: 'Take another base backup: run holdfast snapshot again.',
  });
}
