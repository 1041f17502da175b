import { execFile } from 'node:child_process';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { emulatorEnvironment } from '../emulators/install.ts';

const run = promisify(execFile);

// Node makes no certificates; the library that the emulators use does.
const script = `
import datetime, ipaddress
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
  .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
  .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
  .sign(key, hashes.SHA256()))
print(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
print(certificate.public_bytes(serialization.Encoding.PEM).decode())
`;

/** The PEM of a private key, and behind it the PEM of a certificate for `localhost` that nobody has signed. */
export async function selfSigned(): Promise<string> {
  return (await run(path.join(await emulatorEnvironment(), 'bin', 'python'), ['-c', script])).stdout;
}

/** TLS before a server that speaks none, with a certificate that nobody has signed. */
export async function startTlsProxy(target: string): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const pem = await selfSigned();
  const { hostname, port } = new URL(target);
  const server = createServer({ key: pem, cert: pem }, (client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  // Clients that do not trust it.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise<void>((go) => server.close(() => go())),
  };
}
