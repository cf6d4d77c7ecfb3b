import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LineSocket, LineSocketError, openLineSocket } from '../../gateway/line-socket.ts';
import { temporaryFolder } from '../support/store.ts';

describe('A line socket', () => {
  let folder: string;
  let path: string;
  let opened: LineSocket[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder, 'lines.sock');
    opened = [];
  });

  afterEach(async () => {
    for (const socket of opened) await socket.close();
    await rm(folder, { recursive: true });
  });

  const open = async (): Promise<void> => {
    opened.push(
      await openLineSocket(
        path,
        () => ({ ok: true }),
        () => ({ ok: false }),
      ),
    );
  };

  it('is not taken from whoever serves it', async () => {
    await open();
    const refused: unknown = await open().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(LineSocketError).with.property('code', 'socket-in-use');
    const client = connect(path);
    client.write('{}\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).to.equal('{"ok":true}\n');
    client.destroy();
  });

  it('takes the place of what somebody left behind', async () => {
    await writeFile(path, '');
    await open();
    const client = connect(path);
    await once(client, 'connect');
    client.destroy();
  });
});
