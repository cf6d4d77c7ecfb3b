import { expect } from 'chai';
import { readSettings } from '../../config/settings.ts';
import { startWebServer, type WebServer } from '../../web/server.ts';
import { type RunningGateway, TestSite } from '../gateway/bad-input/support/test-site.ts';
import { eventually } from '../support/eventually.ts';

interface Ready {
  readonly ready: boolean;
  readonly condition: 'ok' | 'degraded' | 'down';
  readonly detail?: string;
  readonly store: { readonly condition: string };
  readonly journal: { readonly condition: string; readonly waiting: number };
  readonly opcua: { readonly condition: string; readonly detail: string };
  readonly buses: readonly { readonly id: string; readonly state: string; readonly condition: string }[];
}

describe('The health pages', () => {
  let site: TestSite;
  let web: WebServer;
  let running: RunningGateway | undefined;

  before(async () => {
    site = await TestSite.build({ proxied: true });
    web = await startWebServer({
      notice: () => {},
      settings: readSettings({ SEZAM_HTTP_PORT: '0' }),
      gateway: () => running?.started.gateway,
      administration: () => running?.started.administration,
      opcua: () => undefined,
    });
  });

  after(async () => {
    await web?.close();
    await site?.close();
  });

  async function get(page: 'live' | 'ready'): Promise<{ status: number; headers: Headers; body: Ready }> {
    const response = await fetch(`http://127.0.0.1:${web.port}/health/${page}`);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Ready };
  }

  async function readyWhen(
    what: string,
    isSo: (body: Ready) => boolean,
  ): Promise<{ status: number; body: Ready }> {
    let last = await get('ready');
    let asking = false;
    await eventually(what, () => {
      if (!asking && !isSo(last.body)) {
        asking = true;
        void get('ready').then((answer) => {
          last = answer;
          asking = false;
        });
      }
      return isSo(last.body);
    });
    return last;
  }

  it('answer 503 while Sezam starts, although the process lives', async () => {
    const { status, body } = await get('ready');
    expect(status).to.equal(503);
    expect(body).to.deep.equal({ ready: false, condition: 'down', detail: 'starting' });
    expect((await get('live')).status).to.equal(200);
  });

  it('are never kept by a cache or shown in a frame', async () => {
    const { headers } = await get('live');
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(headers.get('content-security-policy')).to.include("frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).to.equal(null);
  });

  it('answer 200 and tell the state of every part once people can be served', async () => {
    running = await site.start();
    running.started.gateway.reportHealth('opcua', 'ok', 'listens');
    const { status, body } = await readyWhen('all is well', ({ condition }) => condition === 'ok');
    expect(status).to.equal(200);
    expect(body).to.deep.include({ ready: true, opcua: { condition: 'ok', detail: 'listens' } });
    expect(body.buses.map(({ id, state }) => `${id} ${state}`)).to.deep.equal([
      'locks connected',
      'readers connected',
    ]);
  });

  it('stay at 200, degraded, while OPC UA is down', async () => {
    running?.started.gateway.reportHealth('opcua', 'down', 'the thread ended');
    const { status, body } = await get('ready');
    expect(status).to.equal(200);
    expect(body).to.deep.include({ condition: 'degraded', ready: true });
    running?.started.gateway.reportHealth('opcua', 'ok', 'listens');
  });

  it('stay at 200, degraded, while the store is away', async () => {
    site.proxy.cut();
    const { status, body } = await readyWhen('the store is away', ({ condition }) => condition !== 'ok');
    expect(status).to.equal(200);
    expect(body.store.condition).to.equal('degraded');
    site.proxy.restore();
    await readyWhen('all is well', ({ condition }) => condition === 'ok');
  });

  it('stay at 200, degraded, while a bus is lost, and name it', async () => {
    await site.unplug();
    const { status, body } = await readyWhen('the buses are lost', ({ buses }) =>
      buses.every(({ state }) => state === 'lost'),
    );
    expect(status).to.equal(200);
    expect(body).to.deep.include({ condition: 'degraded', ready: true });
    for (const bus of body.buses) {
      expect(bus.condition).to.equal('degraded');
      expect(bus).to.have.property('error').that.is.a('string');
      expect(bus)
        .to.have.property('since')
        .that.matches(/^\d{4}-\d\d-\d\dT/);
    }
  });

  it('answer 503 once Sezam stops', async () => {
    await running?.started.close();
    const { status, body } = await get('ready');
    expect(status).to.equal(503);
    expect(body).to.deep.include({ ready: false, condition: 'down' });
  });
});
