/** Where a server is, and who asks. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What is wrong with an address, in words that do not repeat it: it may hold a password. */
export function addressProblem(text: string): string | undefined {
  // A reference that could not be resolved is reported as such, elsewhere.
  if (text.includes('${')) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'not an address: write redis://user:password@host:6379 (special characters of the password as %XX)';
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return 'the address begins with redis:// or rediss://';
  if (url.hostname === '') return 'the address names no host';
  if (url.search !== '' || url.hash !== '') return 'the address ends with the port: options are keys of the source';
  if (!['', '/', '/0'].includes(url.pathname)) return 'the address names no database: write databases: [N] for that';
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return 'the user or password of the address has a % that begins no %XX';
  }
  return undefined;
}

/** Takes an address that `addressProblem` lets pass. */
export function parseAddress(text: string): Address {
  const url = new URL(text);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    tls: url.protocol === 'rediss:',
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

/** For people and references: never with user or password. */
export function showAddress({ host, port, tls }: Pick<Address, 'host' | 'port' | 'tls'>): string {
  return `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
