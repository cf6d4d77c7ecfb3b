import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DriverError } from '../../drivers/errors.ts';
import { card, codeOf, GatewayAtWork } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

describe('A gateway that stops while a pulse is on the wire', () => {
  it('puts nothing out of order, opens nothing else, and leaves the person their compartment', async () => {
    const stored = await StoredLog.open();
    const work = await GatewayAtWork.start(stored);
    await work.person('Anna', card(1));
    const granted = await work.allocate(card(1));
    if (!granted.ok) throw new Error('not granted');
    // As a bus does: what is on the wire is refused when it stops, and the line takes a moment to close.
    const { board } = work;
    const stopped = new DriverError('stopped', 'The bus was stopped.');
    const onTheWire = Promise.withResolvers<void>();
    board.unlock = () => onTheWire.promise;
    board.stop = () => {
      onTheWire.reject(stopped);
      board.unlock = () => Promise.reject(stopped);
      return sleep(20);
    };
    const opening = work.gateway.unlock(granted.grant);
    await work.stop();
    expect(codeOf(await opening)).to.equal('gateway-stopping');
    expect(await work.types()).to.deep.equal(['compartment-granted']);
    await stored.remove();
  });

  it('tells an administrator whose opening was decided in the last moment that it stops', async () => {
    const stored = await StoredLog.open();
    const work = await GatewayAtWork.start(stored);
    stored.fault = 'slow';
    const opening = work.gateway.operate(
      { do: 'open', cabinet: 'A', compartment: 1, reason: 'looks for a parcel' },
      { kind: 'machine', id: 'command-line' },
    );
    await work.stop();
    expect(codeOf(await opening)).to.equal('gateway-stopping');
    expect(work.board.pulses).to.deep.equal([]);
    await stored.remove();
  });
});
