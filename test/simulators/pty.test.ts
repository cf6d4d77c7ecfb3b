import { access } from 'node:fs/promises';
import { expect } from 'chai';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { createPtyPair } from '../../simulators/pty.ts';
import { attachSerial } from '../../simulators/serve.ts';

describe('Pseudo-terminal pair', () => {
  it('vanishes when it is unplugged, comes back under the same paths, and leaves nothing behind', async () => {
    const pair = await createPtyPair();
    const exists = (path: string): Promise<boolean> =>
      access(path).then(
        () => true,
        () => false,
      );
    expect(await Promise.all([exists(pair.gateway), exists(pair.device)])).to.deep.equal([true, true]);
    await pair.unplug();
    await pair.unplug();
    expect(await Promise.all([exists(pair.gateway), exists(pair.device)])).to.deep.equal([false, false]);
    await pair.plug();
    expect(await Promise.all([exists(pair.gateway), exists(pair.device)])).to.deep.equal([true, true]);
    await pair.close();
    await pair.close();
    expect(await exists(pair.gateway)).to.equal(false);
  });

  it('is refused to a simulator under a path that is not there', async () => {
    const simulator = new Cu48Simulator();
    const attached = await attachSerial(simulator, '/nowhere/tty', 19_200).catch((error: unknown) => error);
    expect(attached).to.be.instanceOf(Error).with.property('message').that.includes('/nowhere/tty');
    expect(simulator.connections).to.equal(0);
  });
});
