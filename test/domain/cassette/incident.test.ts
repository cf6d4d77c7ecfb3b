import { expect } from 'chai';
import type { CassetteEvent } from '../../../domain/cassette/events.ts';
import {
  beginTrail,
  type CassetteLoggedEvent,
  followTrail,
  type Incident,
  incidentOf,
} from '../../../domain/cassette/incident.ts';
import { UNCONFIGURED_CASSETTE } from '../../../domain/cassette/state.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { K1, K2, readings as sample, settingOf } from './machine.ts';

const MINUTE = 60_000;
const END = Date.UTC(2026, 2, 14, 11, 0, 56, 550);
const SCENE = {
  site: { id: 's', name: 'Site', timeZone: 'UTC' },
  cassette: { id: 'c1', name: 'Cassette' },
  software: { name: 'Sezam', version: '1.0.0' },
} as const;

type Told = Pick<CassetteEvent, 'type' | 'data'>;
/** Minutes before the staining, and what happened then. */
type Line = readonly [minutes: number, event: Told];

const configured: Told = { type: 'cassette-configured', data: { setting: settingOf() } };
const left: Told = { type: 'area-left', data: { source: 'tracker' } };
const ARMED = { first: K1.rom, second: K2.rom };
const stained = (given: object = {}): Told => ({
  type: 'stained',
  data: { from: 'full', to: 'stained', armedBy: ARMED, timers: {}, cause: 'lid', ...given },
});
const used = (key: typeof K1, to: 'transit' | 'full', armedBy: object): Told => ({
  type: 'key-used',
  data: {
    rom: key.rom,
    key: key.id,
    role: key.role,
    reader: 'r',
    from: to === 'full' ? 'transit' : 'rest',
    to,
    armedBy,
    timers: {},
  },
});

/** The record of a log that has these events and a staining at its end. */
function recordOf(lines: readonly Line[], last: Told = stained()): Incident {
  const events = [...lines, [0, last] as const].map(
    ([minutes, event], index) =>
      ({
        ...event,
        actor: GATEWAY,
        stream: 'cassette/c1',
        seq: index + 1,
        at: new Date(END - minutes * MINUTE).toISOString(),
        prev: '0',
        hash: '0',
      }) as CassetteLoggedEvent,
  );
  return incidentOf(events.reduce(followTrail, beginTrail()), SCENE);
}

describe('the record of a staining', () => {
  const everyMinute = (count: number): readonly Line[] =>
    Array.from({ length: count }, (_none, index) => [count - index, left] as const);

  it('is named after the cassette, the time and the number of the event', () => {
    expect(recordOf([[90, configured]]).id).to.equal('c1-20260314T110056Z-2');
  });

  it('reaches back an hour', () => {
    const { events, chain } = recordOf([[200, configured], ...everyMinute(180)]);
    expect(events).to.have.length(61);
    expect(chain).to.include({ fromSeq: 122, toSeq: 182 });
  });

  it('reaches back further where less happened', () => {
    const seldom = Array.from({ length: 70 }, (_none, index) => [1_000 - index * 10, left] as const);
    expect(recordOf([[2_000, configured], ...seldom]).events).to.have.length(50);
  });

  it('is bounded where more happened', () => {
    const often = Array.from({ length: 6_000 }, () => [1, left] as const);
    const { events, chain } = recordOf([[90, configured], ...often]);
    expect(events).to.have.length(5_000);
    expect(chain.toSeq).to.equal(6_002);
  });

  it('knows who armed it, however long ago', () => {
    const armed = recordOf([
      [9_000, configured],
      [8_000, used(K1, 'transit', { first: K1.rom })],
      [7_000, used(K2, 'full', ARMED)],
      ...everyMinute(90),
    ]).armedBy;
    expect(armed.map(({ stage, how, seq, key }) => [stage, how, seq, key])).to.deep.equal([
      ['first', 'key-used', 2, 'k1'],
      ['second', 'key-used', 3, 'k2'],
    ]);
  });

  it('knows that nothing but the machine armed it, or two persons, and forgets what was disarmed', () => {
    const change = { from: 'transit', to: 'full', timers: {} } as const;
    const automatic = { ...change, armedBy: { first: K1.rom, second: 'automatic' } };
    const byInsertion = recordOf(
      [
        [9, configured],
        [8, used(K1, 'transit', { first: K1.rom })],
        [7, { type: 'armed-by-insertion', data: automatic }],
      ],
      stained({ armedBy: automatic.armedBy }),
    );
    expect(byInsertion.armedBy[1]).to.include({ stage: 'second', how: 'armed-by-insertion' });
    expect(byInsertion.armedBy[1]).not.to.have.property('rom');
    const disarmed = recordOf(
      [
        [9, configured],
        [8, used(K1, 'transit', { first: K1.rom })],
        [
          7,
          {
            type: 'key-overridden',
            data: { ...change, to: 'rest', armedBy: {}, reason: 'r', second: GATEWAY },
          },
        ],
      ],
      stained({ from: 'rest', armedBy: {} }),
    );
    expect(disarmed.armedBy).to.deep.equal([]);
  });

  it('has what was measured when the attack was confirmed, unless a restart gave that up', () => {
    const attack: Told = {
      type: 'attack-confirmed',
      data: { cause: 'lid', phase: 'full', readings: sample({ lidOpen: true }) },
    };
    expect(
      recordOf([
        [9, configured],
        [1, attack],
      ]).attack,
    ).to.have.nested.property('readings.lidOpen', true);
    const restarted: Told = { type: 'cassette-restarted', data: { phase: 'full', interrupted: 'lid' } };
    expect(
      recordOf([
        [9, configured],
        [2, attack],
        [1, restarted],
      ]),
    ).not.to.have.property('attack');
  });

  it('knows of a sensor what was told since the link was made', () => {
    const lid: Told = { type: 'sensor-changed', data: { sensor: 'lid', active: true, liveness: 'live' } };
    const link = (type: 'link-lost' | 'link-restored'): Told => ({ type, data: {} });
    const open = recordOf([
      [9, configured],
      [8, link('link-restored')],
      [7, lid],
    ]);
    expect(open.sensors[0]).to.include({ sensor: 'lid', liveness: 'live', active: true });
    expect(open.linked).to.equal(true);
    const lost = recordOf([
      [9, configured],
      [8, link('link-restored')],
      [7, lid],
      [6, link('link-lost')],
    ]);
    expect(lost.sensors[0]).to.include({ active: false });
    expect(lost.linked).to.equal(false);
  });

  it('can begin with a state that was kept', () => {
    const [event] = recordOf([[9, configured]]).events.slice(-1);
    if (!event) throw new Error('There is no event.');
    const from = beginTrail({
      ...UNCONFIGURED_CASSETTE,
      setting: settingOf({ mode: 'internal' }),
      phase: 'full',
    });
    expect(incidentOf(followTrail(from, event), SCENE)).to.have.nested.property('setting.mode', 'internal');
  });

  it('is made of nothing else than a staining of a configured cassette', () => {
    const trail = beginTrail({ ...UNCONFIGURED_CASSETTE, setting: settingOf() });
    expect(() => incidentOf(trail, SCENE)).to.throw(TypeError, 'not one of a staining');
    expect(() => recordOf([])).to.throw(TypeError, 'was configured');
  });
});
