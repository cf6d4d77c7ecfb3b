/**
 * The OPC UA nodes that most Node-REDs have, in a real Node-RED against the server: `npm run test:node-red-contrib-opcua`, once
 * they are installed in the folder of their name. They are no part of `npm test`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { GATEWAY } from '../../domain/event.ts';
import { AlarmServer, DOOR } from '../opcua-server/support/alarm-server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';

const INSTALLED = join(import.meta.dirname, 'node-red-contrib-opcua', 'node_modules');
const HOST = join(import.meta.dirname, '..', 'nodes', 'foreign-host.ts');
/** How long the nodes take to connect, and to try again, on a busy computer. Milliseconds. */
const WITHIN = 60_000;

/** What came out of a node of the flow. */
interface Said {
  readonly what: string;
  readonly payload: unknown;
}

describe('node-red-contrib-opcua in a real Node-RED', function () {
  this.timeout(180_000);
  let folder: string;
  let server: AlarmServer;
  let listener: Server;
  let nodeRed: ChildProcess | undefined;
  let editor: string;
  const said: Said[] = [];

  before(async () => {
    await access(INSTALLED).catch(() => {
      throw new Error(
        'Install it first: npm ci --ignore-scripts --prefix test/clients/node-red-contrib-opcua',
      );
    });
    folder = await temporaryFolder();
    await symlink(INSTALLED, join(folder, 'node_modules'));
    server = await AlarmServer.start();
    listener = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        said.push(JSON.parse(Buffer.concat(parts).toString()) as Said);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    // The nodes keep their certificate in the home of whoever runs Node-RED.
    const home = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, XDG_CACHE_HOME: folder };
    nodeRed = spawn(process.execPath, [HOST, folder], {
      env: { ...process.env, ...home },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!nodeRed.stdout) throw new Error('Node-RED has no output.');
    const lines = createInterface({ input: nodeRed.stdout });
    editor = await new Promise((resolve) => {
      lines.on('line', (line) => {
        if (line.startsWith('port ')) resolve(`http://127.0.0.1:${line.slice(5)}`);
      });
    });
    const { port } = listener.address() as AddressInfo;
    const deployed = await fetch(`${editor}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(flow(server.server.endpointUrl, `http://127.0.0.1:${port}`)),
    });
    expect(deployed.ok, await deployed.text()).to.equal(true);
  });

  after(async () => {
    if (nodeRed) {
      nodeRed.stdin?.end();
      if (nodeRed.exitCode === null) await once(nodeRed, 'exit');
    }
    listener?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function press(what: string): Promise<void> {
    expect((await fetch(`${editor}/inject/press-${what}`, { method: 'POST' })).status).to.equal(200);
  }

  async function hears(what: string, expected: (payload: unknown) => boolean): Promise<unknown> {
    const find = (): Said | undefined => said.find((each) => each.what === what && expected(each.payload));
    await eventually(`${what}: ${JSON.stringify(said).slice(0, 2_000)}`, () => find() !== undefined, WITHIN);
    return find()?.payload;
  }

  it('logs in encrypted and reads a state', async () => {
    await press('read');
    await hears('client', (payload) => payload === 0);
    expect(server.server.records.some(({ type }) => type === 'opcua-session-opened')).to.equal(true);
  });

  it('subscribes, and gets a change', async () => {
    const before = said.length;
    await press('subscribe');
    await eventually(
      'the first value',
      () => said.slice(before).some(({ payload }) => payload === 0),
      WITHIN,
    );
    server.server.gateway.append('A', {
      type: 'compartment-assigned',
      actor: GATEWAY,
      data: { compartment: 1, user: 'u-1', reason: 'contract' },
    });
    await hears('client', (payload) => payload === 1);
  });

  it('opens a compartment', async () => {
    await press('call');
    await hears('call', (payload) => JSON.stringify(payload).includes('ok'));
    expect(server.server.gateway.requests.map(({ request }) => request)).to.deep.include({
      do: 'open',
      cabinet: 'A',
      compartment: 1,
      reason: 'a flow of somebody else',
    });
  });

  it('receives an alarm', async () => {
    await press('events');
    await eventually(
      'it listens',
      () => said.some(({ what, payload }) => what === 'status' && payload === 'subscribed'),
      WITHIN,
    );
    await server.raise('door-forced', DOOR);
    const event = await hears('client', (payload) => JSON.stringify(payload).includes('door-forced'));
    expect(event).to.deep.include({ SourceName: 'Cabinet A/2', Severity: 850 });
  });
});

/** The flow: a button for each of the nodes, and whatever comes out of them goes to the test. */
function flow(endpoint: string, listener: string): object[] {
  const place = { z: 'tab', x: 100, y: 100 };
  const button = (what: string, topic: string, to: string): object => ({
    id: `press-${what}`,
    type: 'inject',
    ...place,
    props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }, { p: 'action', v: what, vt: 'str' }],
    topic,
    payload: '',
    payloadType: 'str',
    repeat: '',
    once: false,
    wires: [[to]],
  });
  const teller = (what: string, field: string): object => ({
    id: `tell-${what}`,
    type: 'function',
    ...place,
    func: `return { payload: JSON.stringify({ what: ${JSON.stringify(what)}, payload: msg.${field} ?? null }) };`,
    outputs: 1,
    wires: [['post']],
  });
  const client = {
    id: 'client',
    type: 'OpcUa-Client',
    ...place,
    endpoint: 'endpoint',
    action: 'read',
    deadbandtype: 'a',
    deadbandvalue: 1,
    time: '100',
    timeUnit: 'ms',
    certificate: 'n',
    localfile: '',
    localkeyfile: '',
    useTransport: false,
    setstatusandtime: false,
    keepsessionalive: false,
    name: 'Client',
    applicationName: '',
    applicationUri: '',
    wires: [['tell-client'], ['tell-status'], []],
  };
  const state = 'ns=1;s=cabinet/A/compartment/1/State;datatype=Int32';
  return [
    { id: 'tab', type: 'tab', label: 'Clients' },
    {
      id: 'endpoint',
      type: 'OpcUa-Endpoint',
      name: 'Sezam',
      endpoint,
      secpol: 'Basic256Sha256',
      secmode: 'SignAndEncrypt',
      none: false,
      login: true,
      usercert: false,
      usercertificate: '',
      userprivatekey: '',
      credentials: { user: 'admin', password: 'correct horse' },
    },
    client,
    teller('client', 'payload'),
    teller('status', 'status'),
    button('read', state, 'client'),
    button('subscribe', state, 'client'),
    button('call', 'call', 'method'),
    {
      id: 'method',
      type: 'OpcUa-Method',
      ...place,
      endpoint: 'endpoint',
      objectId: 'ns=1;s=cabinet/A',
      methodId: 'ns=1;s=cabinet/A/Open',
      name: 'Open',
      inputArguments: [],
      outputArguments: [],
      arg0name: 'Compartment',
      arg0type: 'UInt16',
      arg0value: '1',
      arg1name: 'Reason',
      arg1type: 'String',
      arg1value: 'a flow of somebody else',
      arg2type: '',
      arg2value: '',
      out0type: '',
      out0value: '',
      wires: [['tell-call']],
    },
    teller('call', 'payload'),
    button('events', '', 'event'),
    {
      id: 'event',
      type: 'OpcUa-Event',
      ...place,
      root: 'i=2253',
      activatecustomevent: false,
      eventtype: 'i=2915',
      customeventtype: '',
      name: 'Alarms',
      wires: [['client']],
    },
    {
      id: 'post',
      type: 'http request',
      ...place,
      method: 'POST',
      ret: 'txt',
      url: listener,
      wires: [[]],
    },
  ];
}
