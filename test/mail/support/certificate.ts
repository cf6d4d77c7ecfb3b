import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a self-signed certificate, in PEM. */
export interface CertificateFiles {
  readonly key: string;
  readonly certificate: string;
}

/** Makes a certificate of this computer's own addresses, or of another name, in `folder`. */
export async function makeCertificate(
  folder: string,
  name: string,
  subjectAltName = 'DNS:localhost,IP:127.0.0.1',
): Promise<CertificateFiles> {
  const files = { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.pem`) };
  await run(
    'openssl',
    `req -x509 -nodes -days 2 -subj /CN=${name} -newkey ec -pkeyopt ec_paramgen_curve:prime256v1`
      .split(' ')
      .concat('-addext', `subjectAltName=${subjectAltName}`)
      .concat('-keyout', files.key, '-out', files.certificate),
    // node-opcua sets OPENSSL_CONF to what is no file in a process in which it made a certificate.
    { timeout: 10_000, env: { PATH: process.env['PATH'] } },
  );
  return files;
}
