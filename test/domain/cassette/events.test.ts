import { expect } from 'chai';
import type { CassetteEventType } from '../../../domain/cassette/events.ts';
import { evolveCassette } from '../../../domain/cassette/evolve.ts';
import { type Bench, BRUNO, bench, benchIn, K1, K2, settingOf } from './machine.ts';

const zone = { mode: 'internal-protected-zone' } as const;

function attacked(): Bench {
  const made = benchIn('full');
  made.samples({ brokenIn: true }, 200);
  return made;
}

function tested(): Bench {
  const made = benchIn('service');
  made.do('begin-test');
  made.samples({ lidOpen: true }, 200);
  made.do('end-test');
  return made;
}

function overdue(): Bench {
  const made = benchIn('service');
  made.link(false);
  made.live(3_600_000);
  made.link(true);
  return made;
}

function deferred(): Bench {
  const made = benchIn('grace', zone);
  made.link(false);
  made.live(600_000);
  made.link(true);
  return made;
}

function preAlarm(): Bench {
  const made = bench();
  made.samples({ lidOpen: true }, 500);
  made.sample();
  return made;
}

function flapping(): Bench {
  const made = bench();
  for (let times = 0; times < 20; times += 1) made.sample({ displaced: times % 2 === 0 });
  return made;
}

function taken(...inputs: readonly Parameters<Bench['take']>[0][]): Bench {
  const made = benchIn('transit');
  for (const input of inputs) made.take(input);
  return made;
}

function inserted(): Bench {
  const made = benchIn('transit', { automaticFull: true });
  made.sample({ inMachine: false });
  made.sample();
  return made;
}

function acted(made: Bench, act: (made: Bench) => unknown): Bench {
  act(made);
  return made;
}

/** A history in which each event happens. */
const HISTORIES: Readonly<Record<CassetteEventType, () => Bench>> = {
  'cassette-configured': bench,
  'configuration-locked': () => taken({ input: 'configure', setting: settingOf({ automaticFull: true }) }),
  'cassette-restarted': bench,
  'key-used': () => benchIn('full'),
  'key-refused': () => acted(bench(), (made) => made.key(K2)),
  'second-factor-awaited': () =>
    acted(bench({ secondFactor: { required: true, within: 1 } }), (made) => made.key(K1)),
  'key-overridden': () => acted(benchIn('full'), (made) => made.do('override-key', { second: BRUNO })),
  'armed-by-insertion': inserted,
  'duress-told': () => acted(bench(), (made) => made.do('enter-service', { duress: true })),
  'service-entered': () => benchIn('service'),
  'service-finished': () =>
    acted(benchIn('service'), (made) => made.do({ do: 'finish-service', loaded: true })),
  'service-overdue': overdue,
  'test-begun': tested,
  'sensor-proved': tested,
  'test-ended': tested,
  'self-test-asked': () => acted(bench(), (made) => made.do('self-test')),
  'sensor-changed': () => acted(benchIn('service'), (made) => made.samples({ lidOpen: true }, 200)),
  'gas-level-changed': () => acted(bench(), (made) => made.sample({ gas: 12 })),
  'sensor-unsteady': flapping,
  'pre-alarm-begun': preAlarm,
  'pre-alarm-ended': preAlarm,
  'attack-confirmed': attacked,
  'firing-failed': () => acted(attacked(), (made) => made.answer('prepare', { ok: false })),
  stained: () => benchIn('stained'),
  'grace-warning': () => acted(benchIn('grace', zone), (made) => made.live(300_000)),
  'grace-deferred': deferred,
  'grace-extended': deferred,
  'time-checkpoint': () => acted(benchIn('grace', zone), (made) => made.live(5_000)),
  'transport-overdue': () => acted(benchIn('transit', { transportWithin: 1 }), (made) => made.live(1)),
  'part-changed': () => acted(bench(), (made) => made.sample({ ink: 'low' })),
  'link-lost': () => taken({ input: 'link', up: false }),
  'link-restored': () => bench(),
  'frames-rejected': () => taken({ input: 'rejected', reason: 'malformed', count: 1 }),
  'area-left': () => taken({ input: 'area', inside: false, source: 'tracker' }),
  'area-entered': () =>
    taken(
      { input: 'area', inside: false, source: 'tracker' },
      { input: 'area', inside: true, source: 'tracker' },
    ),
  'command-refused': () => acted(bench(), (made) => made.do('confirm-key')),
  'incident-sealed': () =>
    taken({ input: 'incident', sealed: { incident: 'i', digest: 'd', fromSeq: 1, toSeq: 1 } }),
  'records-lost': () => taken({ input: 'records-lost', count: 1 }),
};

describe('every event of a cassette', () => {
  for (const [type, history] of Object.entries(HISTORIES)) {
    it(`${type} happens, and the log says what the machine knows`, () => {
      const made = history();
      expect(made.events.map((event) => event.type)).to.include(type);
      expect(made.state.recorded).to.deep.equal(made.folded);
    });
  }

  it('leaves what it says nothing of as it was', () => {
    const { recorded } = attacked().state;
    for (const { events } of Object.values(HISTORIES).map((history) => history())) {
      for (const event of events) {
        const { setting, phase, lastKey } = evolveCassette(recorded, event, 0);
        if (event.type !== 'cassette-configured') expect(setting).to.equal(recorded.setting);
        if (!('to' in event.data)) expect(phase).to.equal(recorded.phase);
        if (!event.type.startsWith('key-')) expect(lastKey).to.equal(recorded.lastKey);
      }
    }
  });
});
