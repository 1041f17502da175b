import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The region the SDK would use: the environment, then the profile in ~/.aws/config; us-east-1 where nothing says. */
export async function homeRegion(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? '';
  if (named !== '') return named;
  const profile = env['AWS_PROFILE'] ?? 'default';
  const file = env['AWS_CONFIG_FILE'] ?? join(homedir(), '.aws', 'config');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'us-east-1';
    throw error;
  }
  return regionOfProfile(text, profile) ?? 'us-east-1';
}

export function regionOfProfile(text: string, profile: string): string | undefined {
  const heading =
    profile === 'default' ? /^\[(profile\s+)?default\]$/ : new RegExp(`^\\[profile\\s+${escaped(profile)}\\]$`);
  let within = false;
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    if (line.startsWith('[')) within = heading.test(line);
    const region = within ? /^region\s*=\s*(\S+)/.exec(line)?.[1] : undefined;
    if (region !== undefined) return region;
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
