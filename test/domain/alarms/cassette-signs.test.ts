import { expect } from 'chai';
import { cassetteSigns, cassetteStanding } from '../../../domain/alarms/cassette-signs.ts';
import { ALARM_KINDS } from '../../../domain/alarms/kinds.ts';
import { alarmOf } from '../../../domain/cassette/alarms.ts';
import type {
  CassetteEvent,
  CassetteEventType,
  EventOf,
  PartChange,
} from '../../../domain/cassette/events.ts';
import { SENSORS } from '../../../domain/cassette/readings.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { cassetteView, QUIET } from '../../opcua-server/support/cassette-views.ts';
import { SAMPLE_EVENTS, SAMPLE_ROMS } from '../support/cassette-event-samples.ts';
import { inShort } from './words.ts';

function signsOf<Type extends CassetteEventType>(type: Type, data: EventOf<Type>['data']): string[] {
  const event = { type, actor: GATEWAY, data } as unknown as CassetteEvent;
  return cassetteSigns('C1', event).map((sign) => inShort(sign).replace('@cassette:C1', ''));
}

/** What every change of phase ends. */
const NEW_PHASE = [
  'over grace-running-out',
  'over transport-overdue',
  ...SENSORS.map((sensor) => `over pre-alarm:${sensor}`),
];
/** What ends where nothing is known of the sensors any more. */
const UNHEARD = SENSORS.flatMap((sensor) => [`over pre-alarm:${sensor}`, `over sensor-active:${sensor}`]);

const change = { from: 'transit', to: 'full', armedBy: {}, timers: {} } as const;
const use = { rom: SAMPLE_ROMS[0], reader: 'r1' } as const;
const refusal = { code: 'lid-open', values: {} } as const;

/** Of every type of event what it says. */
const TABLE: {
  readonly [Type in CassetteEventType]: readonly (readonly [
    data: EventOf<Type>['data'],
    says: readonly string[],
  ])[];
} = {
  'attack-confirmed': [[{ cause: 'lid', phase: 'full' }, ['raised attack']]],
  stained: [[{ ...change, to: 'stained', cause: 'lid' }, ['over attack', ...NEW_PHASE, 'raised stained']]],
  'service-entered': [
    [{ ...change, to: 'service', reason: 'x' }, ['over stained', 'over service-overdue', ...NEW_PHASE]],
  ],
  'service-finished': [
    [{ ...change, to: 'rest', loaded: true, by: 'command' }, ['over service-overdue', ...NEW_PHASE]],
  ],
  'firing-failed': [[{ step: 'fire', reason: 'timed-out', failures: 1 }, ['raised firing-failed']]],
  'cassette-restarted': [
    [{ phase: 'full' }, ['over gas-critical', 'over gas-warning', ...UNHEARD]],
    [
      { phase: 'full', interrupted: 'lid' },
      ['over attack', 'raised firing-interrupted', 'over gas-critical', 'over gas-warning', ...UNHEARD],
    ],
  ],
  'pre-alarm-begun': [[{ sensor: 'lid', lasts: 1 }, ['raised pre-alarm:lid']]],
  'pre-alarm-ended': [[{ sensor: 'lid' }, ['over pre-alarm:lid']]],
  'sensor-changed': [
    [
      { sensor: 'tilt', active: true, liveness: 'report', value: 40 },
      ['over pre-alarm:tilt', 'raised sensor-active:tilt'],
    ],
    [
      { sensor: 'tilt', active: false, liveness: 'report' },
      ['over pre-alarm:tilt', 'over sensor-active:tilt'],
    ],
    // In service the lid is open by right.
    [{ sensor: 'lid', active: true, liveness: 'report' }, ['over pre-alarm:lid', 'over sensor-active:lid']],
    [{ sensor: 'lid', active: true, liveness: 'live' }, ['over pre-alarm:lid', 'over sensor-active:lid']],
    [{ sensor: 'tilt', active: true, liveness: 'log' }, ['over pre-alarm:tilt', 'over sensor-active:tilt']],
  ],
  'sensor-unsteady': [[{ sensor: 'gas', changes: 9 }, ['raised sensor-unsteady:gas']]],
  'gas-level-changed': [
    [{ level: 'none', value: 0 }, ['over gas-critical', 'over gas-warning']],
    [{ level: 'warning', value: 12 }, ['over gas-critical', 'raised gas-warning']],
    [{ level: 'critical', value: 22 }, ['over gas-warning', 'raised gas-critical']],
  ],
  'grace-warning': [[{ left: 1 }, ['raised grace-running-out']]],
  'grace-deferred': [[{}, ['raised grace-running-out']]],
  'key-used': [
    [{ ...use, ...change }, NEW_PHASE],
    [{ ...use, ...change, duress: true }, ['raised duress', ...NEW_PHASE]],
  ],
  'key-overridden': [
    [{ ...change, reason: 'x', second: { kind: 'user', id: 'u' } }, ['raised key-overridden', ...NEW_PHASE]],
  ],
  'armed-by-insertion': [[change, NEW_PHASE]],
  'key-refused': [
    [{ ...use, refusal }, ['raised key-refused']],
    [{ reader: 'r1', refusal, duress: true }, ['raised duress', 'raised key-refused']],
  ],
  'second-factor-awaited': [
    [{ ...use, within: 1 }, []],
    [{ ...use, within: 1, duress: true }, ['raised duress']],
  ],
  'duress-told': [[{ command: 'self-test' }, ['raised duress']]],
  'command-refused': [[{ command: 'self-test', refusal }, ['raised command-refused']]],
  'link-lost': [[{}, ['raised link-lost', ...UNHEARD]]],
  'link-restored': [[{}, ['over link-lost']]],
  'frames-rejected': [
    [{ reason: 'malformed', count: 1 }, ['raised frames-malformed']],
    [{ reason: 'not-authentic', count: 1 }, ['raised frames-not-authentic']],
    [{ reason: 'replayed', count: 1 }, ['raised frames-not-authentic']],
  ],
  'part-changed': [
    [{ part: 'battery', state: 'low' }, ['raised battery-low', 'over battery-fault']],
    [{ part: 'battery', state: 'fault' }, ['over battery-low', 'raised battery-fault']],
    [{ part: 'battery', state: 'ok' }, ['over battery-low', 'over battery-fault']],
    [{ part: 'ink', state: 'low' }, ['raised ink-low', 'over ink-fault']],
    [{ part: 'ink', state: 'fault' }, ['over ink-low', 'raised ink-fault']],
    [{ part: 'trigger', state: 'fault' }, ['raised trigger-fault']],
    [{ part: 'trigger', state: 'ok' }, ['over trigger-fault']],
    [{ part: 'stainer', state: 'fault' }, ['raised stainer-fault']],
    [{ part: 'stainer', state: 'ready' }, ['over stainer-fault']],
    [{ part: 'self-test', state: 'failed' }, ['raised self-test-failed']],
    [{ part: 'self-test', state: 'passed' }, ['over self-test-failed']],
    ...(
      [
        { part: 'power', state: 'battery' },
        { part: 'notes', state: 'present' },
        { part: 'machine', state: 'removed' },
      ] as const satisfies readonly PartChange[]
    ).map((part) => [part, []] as const),
  ],
  'service-overdue': [[{ refusal }, ['raised service-overdue']]],
  'transport-overdue': [[{}, ['raised transport-overdue']]],
  'area-left': [[{ source: 'tracker' }, ['raised area-left']]],
  'area-entered': [[{ source: 'tracker' }, ['over area-left']]],
  'configuration-locked': [[{ phase: 'full' }, ['raised configuration-locked']]],
  'records-lost': [[{ count: 3 }, ['raised records-lost']]],
  'cassette-configured': [[{ setting: {} as EventOf<'cassette-configured'>['data']['setting'] }, []]],
  'test-begun': [[{ reason: 'x' }, []]],
  'test-ended': [[{ proved: [], by: 'time' }, []]],
  'sensor-proved': [[{ sensor: 'lid' }, []]],
  'self-test-asked': [[{ reason: 'x' }, []]],
  'grace-extended': [[{ left: 1 }, []]],
  'time-checkpoint': [[{ timers: {} }, []]],
  'incident-sealed': [[{ incident: 'i', digest: 'd', fromSeq: 1, toSeq: 2 }, []]],
};

describe('Signs in the events of a cassette', () => {
  for (const [type, rows] of Object.entries(TABLE)) {
    for (const [data, says] of rows) {
      const shown = says.filter((sign) => sign.startsWith('raised')).join(', ');
      it(`${type} ${JSON.stringify(data).slice(0, 70)}: ${shown || `${says.length} that end`}`, () => {
        expect(signsOf(type as 'link-lost', data as Record<never, never>)).to.deep.equal(says);
      });
    }
  }

  it('are each of another alarm, and hold no number of a key', () => {
    for (const event of SAMPLE_EVENTS) {
      const signs = cassetteSigns('C1', event);
      const alarms = signs.map((sign) => inShort(sign).split(' ')[1]);
      expect(new Set(alarms).size, event.type).to.equal(alarms.length);
      for (const rom of SAMPLE_ROMS) expect(JSON.stringify(signs)).not.to.contain(rom);
    }
  });

  it('are silent alarms where the event itself is one', () => {
    for (const event of SAMPLE_EVENTS) {
      const silent = cassetteSigns('C1', event).some(
        ({ sign, kind }) => sign === 'raised' && ALARM_KINDS[kind].silent,
      );
      expect(silent, JSON.stringify(event)).to.equal(alarmOf(event)?.silent ?? false);
    }
  });
});

describe('What stands at a cassette', () => {
  const calm = { ...QUIET, ink: 'ok' } as const;
  const confirmed = (sensor: string, live: boolean) =>
    cassetteView({ readings: calm }).sensors.map((view) =>
      view.sensor === sensor ? { ...view, live, active: true, confirmed: true } : view,
    );
  const CASES: readonly (readonly [Parameters<typeof cassetteView>[0], readonly string[]])[] = [
    [{}, []],
    [{ linked: false }, []],
    [{ phase: 'stained', cause: 'lid' }, ['stained']],
    [{ subState: 'firing', cause: 'shock' }, ['attack']],
    [{ subState: 'overdue' }, ['service-overdue']],
    [{ subState: 'overdue', transportOverdue: true }, ['transport-overdue']],
    [{ outsideArea: true }, ['area-left']],
    [{ gasLevel: 'warning' }, ['gas-warning']],
    [{ gasLevel: 'critical' }, ['gas-critical']],
    [{ sensors: confirmed('tilt', false) }, ['sensor-active:tilt']],
    [{ sensors: confirmed('tilt', true) }, []],
    [{ sensors: confirmed('lid', false) }, []],
    [
      {
        readings: {
          ...calm,
          battery: 'low',
          ink: 'fault',
          trigger: 'fault',
          stainer: 'fault',
          selfTest: 'failed',
        },
      },
      ['battery-low', 'ink-fault', 'trigger-fault', 'stainer-fault', 'self-test-failed'],
    ],
  ];
  for (const [change_, stands] of CASES) {
    it(`${JSON.stringify(change_).slice(0, 60)}: ${stands.join(', ') || 'nothing'}`, () => {
      const signs = cassetteStanding(cassetteView({ id: 'C1', readings: calm, ...change_ }));
      expect(signs.map((sign) => inShort(sign).replace('@cassette:C1', ''))).to.deep.equal(
        stands.map((each) => `raised ${each}`),
      );
    });
  }
});

describe('Kinds of alarms', () => {
  const told = Object.entries(TABLE).flatMap(([type, rows]) =>
    rows.flatMap(([data]) => cassetteSigns('C1', { type, actor: GATEWAY, data } as unknown as CassetteEvent)),
  );

  it('that end by a sign are ended by one', () => {
    const ended = new Set(told.flatMap(({ sign, kind }) => (sign === 'over' ? [kind] : [])));
    const raised = new Set(told.flatMap(({ sign, kind }) => (sign === 'raised' ? [kind] : [])));
    for (const kind of raised) {
      expect(ended.has(kind), kind).to.equal(ALARM_KINDS[kind].endsBy === 'sign');
    }
  });

  it('are within the bounds of severities', () => {
    for (const [kind, { severity }] of Object.entries(ALARM_KINDS)) {
      expect(severity, kind).to.be.within(1, 1000);
    }
  });
});
