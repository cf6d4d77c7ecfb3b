/**
 * A real Node-RED with the real settings, embedded as the product does it, and a gateway in memory; started as a
 * process of its own. Prints its port; ends when its standard input does.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import RED from 'node-red';
import { registerGateway } from '../../gateway/host.ts';
import { KNOWN_CARD, TestGateway } from './test-gateway.ts';

const gateway = new TestGateway();
gateway.users = {
  admin: {
    password: 'admin password',
    principal: { user: 'user-1', login: 'admin', roles: ['administrator'] },
  },
  watcher: {
    password: 'watcher password',
    principal: { user: 'user-2', login: 'watcher', roles: ['operator'] },
  },
  guest: { password: 'guest password', principal: { user: 'user-3', login: 'guest', roles: ['defined'] } },
};
registerGateway(gateway);
gateway.onChange(({ event }) => {
  if (event.type === 'door-opened') process.stdout.write(`opened ${event.data.compartment}\n`);
});

// Only the type of the settings' export name is unusual: Node-RED's own command line wants it so.
const loaded = (await import('../../settings.js')) as unknown as {
  'module.exports': Record<string, unknown>;
};
const settings = loaded['module.exports'];
const application = express();
const server = createServer(application);
RED.init(server, settings as never);
application.use(String(settings['httpAdminRoot']), RED.httpAdmin);
application.use(String(settings['httpNodeRoot']), RED.httpNode);
server.listen(0, '127.0.0.1', () => {
  RED.events.once('flows:started', () => {
    process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
  });
  void RED.start();
});

// A line on standard input is a card held to the reader; an empty one is the known card.
process.stdin.on('data', (line: Buffer) => gateway.hold(line.toString().trim() || KNOWN_CARD));
process.stdin.on('end', () => {
  void RED.stop().finally(() => process.exit(0));
});
