/**
 * A plain Node-RED of somebody else's, with the user folder given as argument and nothing of Sezam but what is
 * installed there. Prints its port once its flows run; ends when its standard input does.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import RED from 'node-red';

const application = express();
const server = createServer(application);
RED.init(server, {
  userDir: process.argv[2],
  flowFile: 'flows.json',
  httpAdminRoot: '/',
  httpNodeRoot: '/nodes',
  logging: { console: { level: 'warn', metrics: false, audit: false } },
} as never);
application.use('/', RED.httpAdmin);
server.listen(0, '127.0.0.1', () => {
  RED.events.once('flows:started', () => {
    process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
  });
  void RED.start();
});

process.stdin.resume();
process.stdin.on('end', () => {
  void RED.stop().finally(() => process.exit(0));
});
