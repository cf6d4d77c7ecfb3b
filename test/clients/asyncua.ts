/**
 * The Python client asyncua against the server: `npm run test:asyncua`, where Python has it. It is no part of `npm test`.
 * `PYTHON` names another interpreter than `python3`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { GATEWAY } from '../../domain/event.ts';
import { AlarmServer, DOOR } from '../opcua-server/support/alarm-server.ts';
import { certify } from '../support/certificates.ts';
import { temporaryFolder } from '../support/store.ts';

const PYTHON = process.env['PYTHON'] ?? 'python3';
const APPLICATION = 'urn:sezam:test:asyncua';

interface Told {
  readonly what: string;
  readonly [name: string]: unknown;
}

describe('asyncua', function () {
  this.timeout(240_000);
  let folder: string;
  let server: AlarmServer;
  let client: ChildProcess | undefined;

  before(async () => {
    const found = spawnSync(PYTHON, ['-c', 'import asyncua; print(asyncua.__version__)'], {
      encoding: 'utf8',
    });
    if (found.status !== 0) throw new Error(`${PYTHON} has no asyncua: pip install asyncua\n${found.stderr}`);
    folder = await temporaryFolder();
    server = await AlarmServer.start();
  });

  after(async () => {
    client?.kill('SIGKILL');
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('logs in encrypted, finds its way, reads, subscribes, calls, and acknowledges an alarm', async () => {
    const { pem, privateKey } = certify({ name: 'asyncua', applicationUri: APPLICATION });
    await mkdir(join(folder, 'own'));
    const [certificate, key] = [join(folder, 'own', 'certificate.pem'), join(folder, 'own', 'key.pem')];
    await writeFile(certificate, pem);
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));

    const script = join(import.meta.dirname, 'asyncua_client.py');
    const { endpointUrl } = server.server;
    const login = ['admin', 'correct horse'];
    client = spawn(PYTHON, [script, endpointUrl, ...login, certificate, key, APPLICATION], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(client, 'close') as Promise<[number | null]>;
    let complaints = '';
    client.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    const told: Told[] = [];
    if (!client.stdout) throw new Error('The client has no output.');
    for await (const line of createInterface({ input: client.stdout })) {
      const said = JSON.parse(line) as Told;
      told.push(said);
      if (said.what !== 'listening') continue;
      server.server.gateway.append('A', {
        type: 'compartment-assigned',
        actor: GATEWAY,
        data: { compartment: 1, user: 'u-1', reason: 'contract' },
      });
      await server.raise('door-forced', DOOR);
    }
    const [code] = await ended;
    expect(code, complaints).to.equal(0);

    const said = (what: string): Told | undefined => told.find((each) => each.what === what);
    expect(said('types')?.['classes']).to.include.members([
      'CompartmentStateEnumeration',
      'CassetteStateEnumeration',
    ]);
    expect(said('browsed')).to.deep.include({ node: 'ns=1;s=cabinet/A' });
    expect(said('browsed')?.['children']).to.include.members(['Compartments', 'Open', 'Release']);
    expect(said('read')).to.deep.include({ value: 0, status: 'Good' });
    expect(said('called')).to.deep.include({ result: 'ok', text: 'The compartment is open.' });
    expect(server.server.gateway.requests.map(({ request }) => request)).to.deep.include({
      do: 'open',
      cabinet: 'A',
      compartment: 1,
      reason: 'a parcel, says asyncua',
    });
    expect(said('changed')).to.deep.include({ value: 1 });
    expect(said('alarm')).to.deep.include({
      source: 'Cabinet A/2',
      severity: 850,
      condition: 'ns=1;s=alarm/door-forced@A/2',
    });
    expect(said('acknowledged')).to.deep.include({ comment: 'seen by asyncua' });
    expect(server.alarms.list()[0]?.current.acknowledged).to.equal(true);
  });
});
