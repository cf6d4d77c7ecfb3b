import { expect } from 'chai';
import fc from 'fast-check';
import { Bus, type Exchange, type Priority } from '../../drivers/bus.ts';
import type { BusLimits } from '../../drivers/bus-limits.ts';
import { DriverError } from '../../drivers/errors.ts';
import type { BusHealth } from '../../gateway/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedTransport } from './scripted-transport.ts';

const REPLY_WITHIN = 100;

/** A request whose reply is its own text in upper case. */
function request(text: string, retries = 0, priority: Priority = 'poll'): Exchange<string> {
  let heard = '';
  return {
    frame: Buffer.from(text),
    priority,
    purpose: `request ${text}`,
    accept: (bytes) => {
      heard += bytes.toString('latin1');
      return heard.includes(text.toUpperCase()) ? text.toUpperCase() : undefined;
    },
    replyWithin: REPLY_WITHIN,
    retries,
  };
}

const pulse = (text: string, pauseAfter = 0) =>
  ({ frame: Buffer.from(text), priority: 'urgent', purpose: `pulse ${text}`, pauseAfter }) as const;

/** How a promise ended, or `pending`. */
function outcomeOf(promise: Promise<unknown>): { value: unknown } {
  const outcome: { value: unknown } = { value: 'pending' };
  promise.then(
    (value) => {
      outcome.value = value ?? 'done';
    },
    (error: unknown) => {
      outcome.value = error instanceof DriverError ? error.code : error;
    },
  );
  return outcome;
}

describe('Bus', () => {
  let clock: ManualClock;
  let line: ScriptedTransport;
  let bus: Bus;
  let states: BusHealth['state'][];

  async function startBus(limits: Partial<BusLimits> = {}, random = () => 1): Promise<void> {
    bus = new Bus({ id: 'main', transport: line, clock, limits, random });
    bus.onHealth((health) => states.push(health.state));
    bus.start();
    await clock.advance(0);
  }

  beforeEach(() => {
    clock = new ManualClock();
    line = new ScriptedTransport();
    states = [];
  });

  afterEach(async () => {
    await bus.stop();
    await clock.advance(0);
    expect(clock.pending, 'timers left after stop').to.equal(0);
  });

  it('resolves an exchange to its reply, whatever comes around it and in whatever chunks', async () => {
    await startBus();
    const reply = outcomeOf(bus.exchange(request('ask')));
    await clock.advance(1);
    for (const chunk of ['ask', '\xff\x00', 'AS', 'K']) line.receive(chunk);
    await clock.advance(0);
    expect(reply.value).to.equal('ASK');
    expect(line.written).to.deep.equal(['ask']);
  });

  it('takes a reply that comes before the write is reported done', async () => {
    await startBus();
    const reply = outcomeOf(bus.exchange(request('ask')));
    line.receive('ASK');
    await clock.advance(REPLY_WITHIN * 2);
    expect(reply.value).to.equal('ASK');
    const second = outcomeOf(bus.exchange(request('more')));
    line.receive('MORE');
    await clock.advance(0);
    expect(second.value).to.equal('MORE');
  });

  it('tries again after each time-out, then rejects with no-answer', async () => {
    await startBus();
    const reply = outcomeOf(bus.exchange(request('ask', 3)));
    await clock.advance(3 * (REPLY_WITHIN + 5) + REPLY_WITHIN - 1);
    expect(line.written).to.have.length(4);
    expect(reply.value).to.equal('pending');
    await clock.advance(1);
    expect(reply.value).to.equal('no-answer');
    expect(line.written).to.have.length(4);
  });

  it('takes the reply to a retry', async () => {
    await startBus();
    const reply = outcomeOf(bus.exchange(request('ask', 3)));
    await clock.advance(REPLY_WITHIN + 10);
    line.receive('ASK');
    await clock.advance(0);
    expect(reply.value).to.equal('ASK');
    expect(line.written).to.have.length(2);
  });

  it('has one request in flight, and keeps the line quiet between two', async () => {
    await startBus({ quietGap: 7 });
    const replies = ['a', 'b', 'c'].map((text) => outcomeOf(bus.exchange(request(text))));
    await clock.advance(50);
    expect(line.written).to.deep.equal(['a']);
    line.receive('A');
    await clock.advance(6);
    expect(line.written).to.deep.equal(['a']);
    await clock.advance(1);
    expect(line.written).to.deep.equal(['a', 'b']);
    line.receive('B');
    await clock.advance(7);
    line.receive('C');
    await clock.advance(0);
    expect(replies.map((reply) => reply.value)).to.deep.equal(['A', 'B', 'C']);
  });

  it('waits on while somebody talks in the quiet gap, but not for ever', async () => {
    await startBus({ quietGap: 10 });
    await bus.send(pulse('p'));
    const next = outcomeOf(bus.exchange(request('q')));
    for (let turn = 0; turn < 5; turn += 1) {
      await clock.advance(8);
      line.receive('noise');
    }
    expect(line.written).to.deep.equal(['p']);
    for (let turn = 0; turn < 20; turn += 1) {
      await clock.advance(8);
      line.receive('noise');
    }
    expect(line.written).to.deep.equal(['p', 'q']);
    expect(next.value).to.equal('pending');
  });

  it('resolves a sending when the frame has left, and pauses after it as asked', async () => {
    await startBus();
    const sent = outcomeOf(bus.send(pulse('p', 40)));
    const next = outcomeOf(bus.send(pulse('q')));
    await clock.advance(3);
    line.receive('echo');
    await clock.advance(36);
    expect([sent.value, next.value, line.written]).to.deep.equal(['done', 'pending', ['p']]);
    await clock.advance(1);
    expect([next.value, line.written]).to.deep.equal(['done', ['p', 'q']]);
  });

  it('sends unlocks before polls, and before the retry of a poll', async () => {
    await startBus();
    const first = outcomeOf(bus.exchange(request('poll1', 1)));
    outcomeOf(bus.exchange(request('poll2')));
    await clock.advance(10);
    outcomeOf(bus.send(pulse('unlock')));
    await clock.advance(REPLY_WITHIN - 11);
    expect(line.written).to.deep.equal(['poll1']);
    await clock.advance(12);
    expect(line.written).to.deep.equal(['poll1', 'unlock', 'poll1']);
    line.receive('POLL1');
    await clock.advance(5);
    expect(first.value).to.equal('POLL1');
    expect(line.written.at(-1)).to.equal('poll2');
  });

  it('gives one poll its turn in a long row of urgent requests', async () => {
    await startBus({ urgentInARow: 3 });
    outcomeOf(bus.send(pulse('u0')));
    for (const text of ['p1', 'p2']) outcomeOf(bus.exchange(request(text)));
    for (let turn = 1; turn < 8; turn += 1) outcomeOf(bus.send(pulse(`u${turn}`)));
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(5);
      line.receive('P1P2');
    }
    await clock.advance(5);
    expect(line.written).to.deep.equal(['u0', 'u1', 'u2', 'p1', 'u3', 'u4', 'u5', 'p2', 'u6', 'u7']);
  });

  it('does not let a poll go between an urgent request and its retry', async () => {
    await startBus({ urgentInARow: 1 });
    outcomeOf(bus.exchange(request('u1', 1, 'urgent')));
    outcomeOf(bus.exchange(request('p')));
    await clock.advance(2 * REPLY_WITHIN + 20);
    expect(line.written).to.deep.equal(['u1', 'u1', 'p']);
  });

  it('sends the answer to an attack before everything that waits, and never gives its turn to a poll', async () => {
    await startBus({ urgentInARow: 1 });
    outcomeOf(bus.exchange(request('u1', 1, 'urgent')));
    outcomeOf(bus.send(pulse('u2')));
    outcomeOf(bus.exchange(request('p')));
    outcomeOf(bus.send({ ...pulse('a1'), priority: 'attack' }));
    outcomeOf(bus.send({ ...pulse('a2'), priority: 'attack' }));
    await clock.advance(3 * REPLY_WITHIN + 40);
    expect(line.written).to.deep.equal(['u1', 'a1', 'a2', 'u1', 'p', 'u2']);
  });

  it('makes a frame when it leaves, at each try, and tells its sender where that fails', async () => {
    await startBus();
    let made = 0;
    const numbered = (text: string, retries = 0, priority: Priority = 'poll'): Exchange<string> => ({
      ...request(text, retries, priority),
      frame: () => {
        made += 1;
        return Buffer.from(`${text}${made}`);
      },
    });
    outcomeOf(bus.exchange(numbered('a', 1)));
    const overtaken = outcomeOf(bus.exchange(numbered('b')));
    const failing = outcomeOf(
      bus.exchange({
        ...request('c'),
        frame: () => {
          throw new DriverError('not-linked', 'There is no session.');
        },
      }),
    );
    const last = outcomeOf(bus.exchange(request('d')));
    const urgent = outcomeOf(bus.exchange(numbered('u', 0, 'urgent')));
    await clock.advance(4 * REPLY_WITHIN + 50);
    expect(line.written).to.deep.equal(['a1', 'u2', 'a3', 'b4', 'd']);
    line.receive('D');
    await clock.advance(5);
    expect([overtaken.value, failing.value, urgent.value]).to.deep.equal([
      'no-answer',
      'not-linked',
      'no-answer',
    ]);
    expect(last.value).to.equal('D');
  });

  it('refuses what its queue cannot hold; an unlock takes the place of the youngest poll', async () => {
    await startBus({ queue: 2 });
    const [flying, second, third, fourth] = ['a', 'b', 'c', 'd'].map((text) =>
      outcomeOf(bus.exchange(request(text))),
    );
    await clock.advance(0);
    expect(fourth?.value).to.equal('bus-busy');
    const unlocks = ['u', 'v', 'w'].map((text) => outcomeOf(bus.send(pulse(text))));
    await clock.advance(0);
    expect([flying?.value, second?.value, third?.value]).to.deep.equal(['pending', 'bus-busy', 'bus-busy']);
    expect(unlocks.map((unlock) => unlock.value)).to.deep.equal(['pending', 'pending', 'bus-busy']);
  });

  it('takes the answer to an attack into a full queue, in place of what matters least', async () => {
    await startBus({ queue: 2 });
    const [, poll] = ['flying', 'poll'].map((text) => outcomeOf(bus.exchange(request(text))));
    const unlock = outcomeOf(bus.send(pulse('unlock')));
    const answers = ['a', 'b', 'c'].map((text) =>
      outcomeOf(bus.send({ ...pulse(text), priority: 'attack' })),
    );
    await clock.advance(0);
    expect([poll?.value, unlock.value]).to.deep.equal(['bus-busy', 'bus-busy']);
    expect(answers.map(({ value }) => value)).to.deep.equal(['pending', 'pending', 'bus-busy']);
  });

  it('refuses what waited too long instead of sending it late', async () => {
    await startBus({ waitWithin: 50 });
    outcomeOf(bus.exchange(request('slow')));
    const late = outcomeOf(bus.send(pulse('late')));
    await clock.advance(50);
    expect(late.value).to.equal('bus-busy');
    await clock.advance(REPLY_WITHIN);
    expect(line.written).to.deep.equal(['slow']);
  });

  it('loses its line, refuses what waits, and sends nothing of it after the reconnect', async () => {
    await startBus();
    const flying = outcomeOf(bus.exchange(request('flying', 3)));
    const waiting = outcomeOf(bus.send(pulse('waiting')));
    await clock.advance(1);
    line.lose();
    const after = outcomeOf(bus.send(pulse('after')));
    await clock.advance(0);
    expect([flying.value, waiting.value, after.value]).to.deep.equal([
      'connection-lost',
      'not-connected',
      'not-connected',
    ]);
    expect(bus.health).to.deep.include({ state: 'lost', error: 'unplugged' });
    await clock.advance(250);
    expect(states).to.deep.equal(['connecting', 'connected', 'lost', 'connected']);
    expect(bus.health).not.to.have.property('error');
    expect(line.written).to.deep.equal(['flying']);
    const reply = outcomeOf(bus.exchange(request('again')));
    line.receive('AGAIN');
    await clock.advance(0);
    expect(reply.value).to.equal('AGAIN');
  });

  it('opens again with waits that double up to the longest', async () => {
    line.opens = 'badly';
    await startBus({ firstReconnect: 100, longestReconnect: 1_000 });
    const waits: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const before = { openings: line.openings, at: clock.now() };
      while (line.openings === before.openings) await clock.advance(10);
      waits.push(clock.now() - before.at);
    }
    expect(waits).to.deep.equal([100, 200, 400, 800, 1_000, 1_000]);
    expect(bus.health).to.deep.include({ state: 'connecting', error: 'no such port' });
    line.opens = 'well';
    await clock.advance(1_000);
    expect(bus.health.state).to.equal('connected');
  });

  it('spreads its waits by half', async () => {
    line.opens = 'badly';
    await startBus({ firstReconnect: 100 }, () => 0);
    await clock.advance(49);
    expect(line.openings).to.equal(1);
    await clock.advance(1);
    expect(line.openings).to.equal(2);
  });

  it('gives up an opening that takes too long and tries again', async () => {
    line.opens = 'never';
    await startBus({ firstReconnect: 100 });
    await clock.advance(1_000);
    expect(bus.health.error).to.equal('opening took too long');
    line.opens = 'well';
    await clock.advance(100);
    expect(bus.health.state).to.equal('connected');
  });

  for (const [how, after] of [
    ['badly', 0],
    ['never', 500],
  ] as const) {
    it(`takes the line for lost where a write ends ${how}`, async () => {
      await startBus({ writeWithin: 500 });
      line.writes = how;
      const sent = outcomeOf(bus.send(pulse('p')));
      await clock.advance(after);
      expect(sent.value).to.equal('connection-lost');
      expect(bus.health.state).to.equal('lost');
      line.writes = 'well';
      await clock.advance(250);
      const again = outcomeOf(bus.send(pulse('q')));
      await clock.advance(0);
      expect(again.value).to.equal('done');
    });
  }

  it('opens a line again that brings nothing back for long, and leaves one alone that does', async () => {
    await startBus();
    const askFor = async (milliseconds: number): Promise<void> => {
      for (const end = clock.now() + milliseconds; clock.now() < end; ) {
        outcomeOf(bus.exchange(request('ask')));
        await clock.advance(1_000);
      }
    };
    await askFor(9_000);
    line.receive('x');
    await askFor(9_000);
    expect(states).to.deep.equal(['connecting', 'connected']);
    await askFor(3_000);
    expect(states).to.deep.equal(['connecting', 'connected', 'lost', 'connected']);
  });

  it('hands bytes that nobody asked for to its receivers', async () => {
    await startBus();
    const heard: string[] = [];
    const stop = bus.onBytes((bytes) => heard.push(bytes.toString('latin1')));
    line.receive('card');
    stop();
    line.receive('another');
    expect(heard).to.deep.equal(['card']);
  });

  it('rejects everything when it is stopped, and starts again', async () => {
    await startBus();
    const flying = outcomeOf(bus.exchange(request('flying')));
    const waiting = outcomeOf(bus.send(pulse('waiting')));
    await bus.stop();
    const after = outcomeOf(bus.send(pulse('after')));
    await clock.advance(0);
    expect([flying.value, waiting.value, after.value]).to.deep.equal(['stopped', 'stopped', 'stopped']);
    expect(bus.health.state).to.equal('stopped');
    bus.start();
    await clock.advance(0);
    expect(bus.health.state).to.equal('connected');
  });

  it('stays stopped where it is stopped while it opens', async () => {
    line.opens = 'never';
    await startBus();
    await bus.stop();
    await clock.advance(10_000);
    expect(bus.health.state).to.equal('stopped');
    expect(line.openings).to.equal(1);
  });

  it('stays with one request in flight and settles every one, whatever happens to the line', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), retries: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ do: fc.constant('pulse' as const) }),
      fc.record({ do: fc.constantFrom('answer' as const, 'garbage' as const, 'lose' as const) }),
      fc.record({ do: fc.constant('wait' as const), milliseconds: fc.integer({ min: 0, max: 150 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        line = new ScriptedTransport();
        clock = new ManualClock();
        await startBus({ queue: 8 });
        const outcomes: { value: unknown }[] = [];
        let asked = 0;
        // What left last, and when; whoever sends an `ask` owns the line until its reply or its time-out.
        let owned: { text: string; until: number } | undefined;
        let seen = 0;
        const look = (): void => {
          for (const text of line.written.slice(seen)) {
            const free = owned === undefined || clock.now() >= owned.until;
            expect(free, `${text} left while ${owned?.text} was in flight`).to.equal(true);
            owned = text.startsWith('ask') ? { text, until: clock.now() + REPLY_WITHIN } : undefined;
          }
          seen = line.written.length;
        };
        for (const each of steps) {
          if (each.do === 'ask') {
            asked += 1;
            outcomes.push(outcomeOf(bus.exchange(request(`ask${asked};`, each.retries))));
          } else if (each.do === 'pulse') outcomes.push(outcomeOf(bus.send(pulse('pulse'))));
          else if (each.do === 'answer') {
            line.receive(owned?.text.toUpperCase() ?? 'nothing');
            owned = undefined;
          } else if (each.do === 'garbage') line.receive('\xff\x00garbage');
          else if (each.do === 'lose') {
            line.lose();
            owned = undefined;
          }
          for (let left = each.do === 'wait' ? each.milliseconds : 0; left >= 0; left -= 1) {
            await clock.advance(1);
            look();
          }
        }
        await clock.advance(20_000);
        expect(outcomes.map((outcome) => outcome.value)).not.to.include('pending');
        await bus.stop();
      }),
      { numRuns: 25 },
    );
  });
});
