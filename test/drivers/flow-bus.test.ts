import { expect } from 'chai';
import { Bus } from '../../drivers/bus.ts';
import { driver } from '../../drivers/kerong-cu48/index.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import type { DoorReport } from '../../gateway/ports.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { eventually } from '../support/eventually.ts';
import { realClock } from '../support/real-clock.ts';

describe('Kerong CU48 over a port that a flow owns', () => {
  it('works through the flow, waits out its redeploy, and goes on', async () => {
    const simulator = new Cu48Simulator({ openMilliseconds: 5 });
    const flow = new FlowTransport();
    const bus = new Bus({ id: 'flow', transport: flow, clock: realClock, limits: { firstReconnect: 10 } });
    const settings = { pollMilliseconds: 20, silentPollMilliseconds: 20, missedPolls: 2 };
    const board = driver.create({ id: 'b1', bus, address: 0, settings, clock: realClock });
    const openDoors = (): number[] => [...doors].flatMap(([lock, door]) => (door === 'open' ? [lock] : []));
    let doors: DoorReport = new Map();
    const answering: boolean[] = [];
    simulator.connect((bytes) => flow.receive(bytes));
    try {
      bus.start();
      board.start({
        report: (report) => {
          doors = report;
        },
        answering: (answers) => answering.push(answers),
      });
      await eventually('the board counts as silent without a flow', () => answering.includes(false));
      expect(bus.health.state).to.equal('connecting');
      const undeploy = flow.connect((bytes) => simulator.receive(bytes));
      await eventually('the board answers', () => answering.at(-1) === true);
      await board.unlock(7);
      await eventually('the door is open', () => openDoors().includes(7));
      undeploy();
      expect(bus.health.state).to.equal('lost');
      await eventually('the board is silent', () => answering.at(-1) === false);
      flow.connect((bytes) => simulator.receive(bytes));
      await eventually('the board answers', () => answering.at(-1) === true);
      await board.unlock(8);
      await eventually('both doors are open', () => openDoors().join() === '7,8');
      expect(simulator.pulses.map(({ lock }) => lock)).to.deep.equal([7, 8]);
    } finally {
      await board.stop();
      await bus.stop();
      simulator.close();
    }
  });
});
