import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { emulatorEnvironment } from '../emulators/install.ts';

/** By path (hexadecimal bytes), each attribute's value in base64. */
export type XattrsByPath = Readonly<Record<string, Readonly<Record<string, string>>>>;

// Python's os module, so that what Holdfast does through its own native package is checked by another path.
// Prints or does nothing where the file system or the platform keeps no extended attributes.
const setScript = `
import base64, errno, os, sys
try:
    os.setxattr(sys.argv[1], sys.argv[2], base64.b64decode(sys.argv[3]))
except AttributeError:
    pass
except OSError as error:
    if error.errno != errno.ENOTSUP:
        raise
`;
const readScript = `
import base64, json, os, sys
found = {}
def look(path):
    names = [name for name in os.listxattr(path, follow_symlinks=False) if not name.startswith("security.")]
    if names:
        found[path.hex()] = {
            name: base64.b64encode(os.getxattr(path, name, follow_symlinks=False)).decode() for name in names
        }
if hasattr(os, "listxattr"):
    top = os.fsencode(sys.argv[1])
    look(top)
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            look(os.path.join(folder, name))
print(json.dumps(found))
`;

export async function setXattr(file: string, name: string, value: Buffer): Promise<void> {
  await runPython(setScript, file, name, value.toString('base64'));
}

/** The extended attributes of everything below the folder that has some. */
export async function readXattrs(folder: string): Promise<XattrsByPath> {
  return JSON.parse(await runPython(readScript, folder)) as XattrsByPath;
}

async function runPython(script: string, ...args: readonly string[]): Promise<string> {
  const python = path.join(await emulatorEnvironment(), 'bin', 'python');
  const { stdout } = await promisify(execFile)(python, ['-c', script, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
