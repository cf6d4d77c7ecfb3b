import { expect } from 'chai';
import { registerGateway, runningGateway } from '../../gateway/host.ts';
import { gatewaySettings } from '../../nodes/gateway/gateway.ts';
import { type GatewaySettings, gatewayOwnership, type Ownership } from '../../nodes/gateway/ownership.ts';
import { around, FlowBench } from './flow-bench.ts';
import { TestGateway } from './test-gateway.ts';

const bench = new FlowBench();

describe('sezam-gateway', () => {
  describe('in a Node-RED', () => {
    before(() => bench.start());
    after(() => bench.stop());
    afterEach(() => bench.unload());

    it('offers the site to the editor, without anything of people', async () => {
      bench.runGateway();
      await bench.load(around('sezam-door', {}, ['out']));
      const { status, body } = await bench.get('/sezam/site');
      expect(status).to.equal(200);
      const answer = body as {
        site: { readers: { id: string }[]; cassettes: object[] };
        embedded: boolean;
        eventTypes: string[];
      };
      expect(answer.embedded).to.equal(true);
      expect(answer.site.readers.map(({ id }) => id)).to.deep.equal(['card-reader-1', 'keypad-1']);
      expect(answer.site.cassettes).to.deep.include({ id: 'C1', name: 'Cassette C1' });
      expect(answer.eventTypes).to.include('door-opened');
    });

    it('says that no site is there while no gateway is running', async () => {
      await bench.load(around('sezam-door', {}, ['out']));
      expect((await bench.get('/sezam/site')).body)
        .to.include({ embedded: false })
        .and.not.to.have.property('site');
    });

    it('leaves the gateway of the process running when it is removed', async () => {
      bench.runGateway();
      await bench.load(around('sezam-door', {}, ['out']));
      await bench.deploy([{ id: 'tab', type: 'tab', label: 'test' }]);
      expect(runningGateway()).to.equal(bench.gateway);
    });
  });

  describe('settings', () => {
    it('are found from the user folder', () => {
      const settings = { siteFile: ' site.json ', dataFolder: '' };
      expect(gatewaySettings(settings, { mongodbUri: '' }, '/home/red')).to.deep.equal({
        siteFile: '/home/red/site.json',
        dataFolder: '/home/red/sezam',
      });
    });

    it('may be absolute, with a server', () => {
      const settings = { siteFile: '/etc/site.json', dataFolder: '/var/sezam' };
      const mongodbUri = 'mongodb://localhost/sezam';
      expect(gatewaySettings(settings, { mongodbUri }, '/home/red')).to.deep.equal({
        siteFile: '/etc/site.json',
        dataFolder: '/var/sezam',
        mongodbUri,
      });
    });

    it('start nothing without a site file', () => {
      expect(gatewaySettings({ siteFile: '  ', dataFolder: 'x' }, undefined, '/home/red')).to.equal(
        undefined,
      );
    });
  });

  describe('of a Node-RED of somebody else', () => {
    const siteA: GatewaySettings = { siteFile: '/a.json', dataFolder: '/data' };
    const siteB: GatewaySettings = { siteFile: '/b.json', dataFolder: '/data' };
    const log: string[] = [];
    let fails: Error | undefined;
    let ownership: Ownership;

    beforeEach(() => {
      log.length = 0;
      fails = undefined;
      ownership = gatewayOwnership({
        start: async ({ siteFile }) => {
          log.push(`start ${siteFile}`);
          if (fails) throw fails;
          return {
            gateway: new TestGateway(),
            close: async () => {
              log.push(`close ${siteFile}`);
            },
          };
        },
        register: registerGateway,
        linger: 20,
        failed: (error) => log.push(`failed ${String(error)}`),
      });
    });

    afterEach(() => {
      expect(runningGateway(), 'gateway left behind').to.equal(undefined);
    });

    it('is started once for many, and ends with the last', async () => {
      const first = ownership.attach(siteA);
      const second = ownership.attach({ ...siteA });
      await Promise.all([first.started, second.started]);
      expect(runningGateway()).not.to.equal(undefined);
      await first.release(true);
      expect(log).to.deep.equal(['start /a.json']);
      await second.release(true);
      expect(log).to.deep.equal(['start /a.json', 'close /a.json']);
    });

    it('survives a redeploy', async () => {
      const before = ownership.attach(siteA);
      await before.started;
      const gateway = runningGateway();
      await before.release(false);
      const after = ownership.attach({ ...siteA });
      await after.started;
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(runningGateway()).to.equal(gateway);
      expect(log).to.deep.equal(['start /a.json']);
      await after.release(true);
    });

    it('ends when nobody comes back for it', async () => {
      const share = ownership.attach(siteA);
      await share.started;
      await share.release(false);
      expect(log).to.deep.equal(['start /a.json']);
      while (runningGateway()) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(log).to.deep.equal(['start /a.json', 'close /a.json']);
    });

    it('ends at once when the runtime stops', async () => {
      const share = ownership.attach(siteA);
      await share.started;
      await ownership.endIdle();
      expect(log).to.deep.equal(['start /a.json']);
      await share.release(false);
      await ownership.endIdle();
      expect(log).to.deep.equal(['start /a.json', 'close /a.json']);
    });

    it('is started anew when its settings changed, after the one before has ended', async () => {
      const before = ownership.attach(siteA);
      await before.started;
      await before.release(false);
      const after = ownership.attach(siteB);
      await after.started;
      expect(log).to.deep.equal(['start /a.json', 'close /a.json', 'start /b.json']);
      await after.release(true);
    });

    it('refuses a second site while the first is in use', async () => {
      const share = ownership.attach(siteA);
      await share.started;
      expect(() => ownership.attach(siteB))
        .to.throw('/b.json')
        .with.property('code', 'gateway-settings-conflict');
      await share.release(true);
    });

    it('says why it could not be started, and is tried again on the next deploy', async () => {
      fails = new Error('The site file is wrong.');
      const failed = ownership.attach(siteA);
      const reason = await failed.started.catch((error: unknown) => error);
      expect(reason).to.equal(fails);
      await failed.release(false);
      fails = undefined;
      const again = ownership.attach(siteA);
      await again.started;
      expect(log).to.deep.equal(['start /a.json', 'start /a.json']);
      await again.release(true);
    });

    it('closes what it started where the process has a gateway already', async () => {
      const withdraw = registerGateway(new TestGateway());
      const share = ownership.attach(siteA);
      const reason = (await share.started.catch((error: unknown) => error)) as { code: string };
      expect(reason.code).to.equal('gateway-already-running');
      expect(log).to.deep.equal(['start /a.json', 'close /a.json']);
      withdraw();
      await share.release(true);
    });

    it('gives a share back once', async () => {
      const first = ownership.attach(siteA);
      const second = ownership.attach(siteA);
      await first.started;
      await first.release(true);
      await first.release(true);
      expect(log).to.deep.equal(['start /a.json']);
      await second.release(true);
    });
  });
});
