import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { type RunningGateway, TestSite } from '../gateway/bad-input/support/test-site.ts';
import { clientCertificates, person, TestClient } from '../opcua-server/support/client.ts';
import { certify } from '../support/certificates.ts';

const PASSWORD = 'a long enough password';
const CARD = '0000000001';
const OPENINGS = 10;
const MEBIBYTE = 1024 * 1024;

interface Told {
  readonly asked: number;
  readonly answered: number;
  readonly openings: number;
  readonly floods: number;
}

describe('Lockers while the OPC UA server is attacked', function () {
  this.timeout(180_000);
  let site: TestSite;
  let running: RunningGateway;
  let server: OpcUaServer;
  let certificates: OPCUACertificateManager;
  let scada: TestClient;
  let attacker: Worker | undefined;
  /** Threads of the server that were born: one, unless it died. */
  const threads: Worker[] = [];
  const born = (message: unknown): void => {
    const { worker } = message as { readonly worker: Worker };
    if (worker.threadName === 'sezam-opcua') threads.push(worker);
  };

  before(async () => {
    site = await TestSite.build({ compartments: 3 });
    running = await site.start();
    const { gateway, administration } = running.started;
    const first = await administration.firstAdministrator();
    if (!first) throw new Error('There is an administrator already.');
    await administration.changePassword(first.login, first.password, PASSWORD);
    await running.addPerson(CARD);
    subscribe('worker_threads', born);
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(site.folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    certificates = await clientCertificates(site.folder);
    scada = await TestClient.connect(server.endpointUrl, certificates, person(first.login, PASSWORD));
  });

  after(async () => {
    unsubscribe('worker_threads', born);
    await attacker?.terminate();
    await scada?.close();
    await server?.close();
    await certificates?.dispose();
    await site?.close();
  });

  async function tell(): Promise<Told> {
    if (!attacker) throw new Error('Nobody attacks.');
    const answer = once(attacker, 'message') as Promise<[Told]>;
    attacker.postMessage('tell');
    return (await answer)[0];
  }

  async function held(): Promise<number> {
    const heap = await threads[0]?.getHeapStatistics();
    return (heap?.used_heap_size ?? 0) + (heap?.external_memory ?? 0);
  }

  it('open one after the other, before the server has dealt with what it was sent', async () => {
    const before = await held();
    expect(await running.serve(CARD)).to.equal('opened 1');
    site.board.setDoor(0, false);
    await running.heard('door-closed');

    const { raw } = certify({ name: 'Stranger', applicationUri: 'urn:stranger' }).certificate;
    attacker = new Worker(new URL('./support/opcua-attacker-host.ts', import.meta.url), {
      workerData: { endpointUrl: server.endpointUrl, certificate: raw, thumbprint: Buffer.alloc(20, 1) },
    });
    let told = await tell();
    while (told.answered === 0 || told.openings === 0 || told.floods === 0) told = await tell();

    const backlogs: number[] = [];
    for (let opening = 1; opening <= OPENINGS; opening += 1) {
      const outcome = await running.started.gateway.operate(
        { do: 'open', cabinet: 'A', compartment: 1, reason: `opening ${opening}` },
        { kind: 'machine', id: 'test' },
      );
      expect(outcome.ok, `opening ${opening}`).to.equal(true);
      const { asked, answered } = await tell();
      backlogs.push(asked - answered);
      site.board.setDoor(0, false);
      await running.heard('door-closed', opening + 1);
    }
    expect(Math.max(...backlogs), 'questions that wait while a door opens').to.be.above(0);
    // The attack has not come to an end by itself.
    let after = await tell();
    while (after.answered <= told.answered || after.floods <= told.floods) after = await tell();

    // What happened meanwhile is seen by whoever was logged in.
    await scada.becomes('cabinet/A/compartment/1/Door', 1);
    expect((await scada.command('A', 'Open', 1, 'under attack')).outputArguments?.[0]?.value).to.equal('ok');

    attacker.postMessage('stop');
    await once(attacker, 'exit');
    attacker = undefined;
    expect(threads, 'the server has not died').to.have.length(1);
    expect((await held()) - before).to.be.below(250 * MEBIBYTE);
    expect((await scada.read('site/Name')).statusCode.name).to.equal('Good');
    const page = await running.started.gateway.queries.events({ cabinet: 'A', order: 'newest-first' });
    const opened = page.ok ? page.events.filter(({ type }) => type === 'door-opened') : [];
    expect(opened.length).to.be.at.least(OPENINGS + 1);
  });
});
