import { expect } from 'chai';
import { type Cu48Event, Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { eventually } from '../support/eventually.ts';

describe('CU48 simulator', () => {
  let simulator: Cu48Simulator;
  let heard: string;

  function start(options: ConstructorParameters<typeof Cu48Simulator>[0] = {}): void {
    simulator = new Cu48Simulator({ openMilliseconds: 0, ...options });
    heard = '';
    simulator.connect((bytes) => {
      heard += bytes.toString('hex');
    });
  }

  const send = (hex: string): void => simulator.receive(Buffer.from(hex, 'hex'));
  afterEach(() => simulator.close());

  it('answers the known query as the board does: locks 1, 2, 3, 47 and 48 closed', async () => {
    start();
    for (let lock = 3; lock < 46; lock += 1) simulator.setDoor(lock, true);
    send('020000500355');
    await eventually('a reply', () => heard !== '');
    expect(heard).to.equal('020000650700000000c00331');
  });

  it('takes the known pulses for one lock, one board and the whole bus', () => {
    start({ addresses: [0, 3] });
    send('020000510356');
    expect(simulator.pulses.map(({ address, lock }) => [address, lock])).to.deep.equal([[0, 0]]);
    send('020030510386');
    expect(simulator.pulses).to.have.length(1 + 48);
    send('020a30510390');
    expect(simulator.pulses).to.have.length(1 + 48 + 2 * 48);
  });

  it('finds a request after garbage and in pieces, and counts what was none', () => {
    start();
    for (const piece of ['ff02', '0200', '00510356']) send(piece);
    expect(simulator.pulses).to.have.length(1);
    expect(simulator.garbage).to.equal(2);
  });

  it('sees a second request that comes before its reply is out', async () => {
    start({ replyMilliseconds: 5 });
    send('020000500355');
    send('020000500355');
    expect(simulator.overlaps).to.equal(1);
    await eventually('both replies', () => heard.length === 48);
    send('020000500355');
    expect(simulator.overlaps).to.equal(1);
  });

  it('tells of pulses and doors in order, and leaves a stuck door closed', async () => {
    start();
    const events: Cu48Event[] = [];
    simulator.on((event) => events.push(event));
    simulator.setStuck(1, true);
    send('020001510357');
    send('020000510356');
    await eventually('the door is open', () => simulator.isOpen(0));
    simulator.setDoor(0, false);
    simulator.setDoor(0, false);
    expect(events.map(({ type, lock }) => `${type} ${lock}`)).to.deep.equal([
      'pulse 1',
      'pulse 0',
      'door-opened 0',
      'door-closed 0',
    ]);
    expect(simulator.isOpen(1)).to.equal(false);
  });
});
