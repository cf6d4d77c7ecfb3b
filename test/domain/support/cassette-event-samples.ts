/** At least one event of a cassette of every type, for whatever has to cope with each of them. */
import type { CassetteEvent, CassetteEventType, EventOf } from '../../../domain/cassette/events.ts';
import { SENSORS } from '../../../domain/cassette/readings.ts';
import { cassetteRefusal } from '../../../domain/cassette/refusal.ts';
import { CASSETTE_DEFAULTS, type CassetteSetting } from '../../../domain/cassette/setting.ts';
import { GATEWAY } from '../../../domain/event.ts';

export const SAMPLE_ROMS = ['01606CBF03000021', '016060CF030000A8', '23D453570100009E'] as const;
const [K1, K2, STRANGER] = SAMPLE_ROMS;

export const SAMPLE_SETTING: CassetteSetting = { ...CASSETTE_DEFAULTS, id: 'C1', mode: 'outsourced' };

const armed = { armedBy: { first: K1, second: K2 }, timers: {} } as const;
const change = { from: 'transit', to: 'full', ...armed } as const;
const use = { rom: K1, key: 'counting-room-1', role: 'K1', reader: 'reader-1' } as const;
const second = { kind: 'user', id: 'user-2' } as const;
const reason = 'Cash is loaded.';

const SAMPLES: { readonly [Name in CassetteEventType]: readonly EventOf<Name>['data'][] } = {
  'cassette-configured': [{ setting: SAMPLE_SETTING }],
  'configuration-locked': [{ phase: 'full' }],
  'cassette-restarted': [{ phase: 'rest' }, { phase: 'full', interrupted: 'shock' }],
  'key-used': [
    { ...use, ...change },
    { ...use, ...change, duress: true },
    { rom: STRANGER, reader: 'reader-1', ...change },
  ],
  'key-refused': [
    { ...use, refusal: cassetteRefusal('not-the-same-key') },
    { ...use, refusal: cassetteRefusal('lid-open'), duress: true },
    { rom: STRANGER, reader: 'reader-1', refusal: cassetteRefusal('key-unknown') },
    { reader: 'reader-1', refusal: cassetteRefusal('two-keys') },
  ],
  'second-factor-awaited': [
    { ...use, within: 30_000 },
    { ...use, within: 30_000, duress: true },
  ],
  'key-overridden': [{ ...change, reason, second }],
  'armed-by-insertion': [change],
  'service-entered': [
    { ...change, to: 'service', reason },
    { ...change, to: 'service', reason, second },
  ],
  'service-finished': [
    { ...change, to: 'rest', loaded: true, by: 'command' },
    { ...change, to: 'rest', loaded: false, by: 'command' },
    { ...change, to: 'rest', loaded: false, by: 'time' },
  ],
  'service-overdue': [{ refusal: cassetteRefusal('lid-open') }],
  'test-begun': [{ reason }],
  'sensor-proved': [{ sensor: 'lid' }],
  'test-ended': [
    { proved: ['lid', 'shock'], by: 'command' },
    { proved: [], by: 'time' },
  ],
  'self-test-asked': [{ reason }],
  'sensor-changed': SENSORS.flatMap((sensor) => [
    { sensor, active: true, liveness: 'live', value: 2_340 },
    { sensor, active: true, liveness: 'report' },
    { sensor, active: false, liveness: 'live', value: 0 },
  ]),
  'gas-level-changed': [
    { level: 'warning', value: 11 },
    { level: 'none', value: 0 },
  ],
  'sensor-unsteady': [{ sensor: 'tilt', changes: 12 }],
  'pre-alarm-begun': [{ sensor: 'lid', lasts: 3_000 }],
  'pre-alarm-ended': [{ sensor: 'lid' }],
  'attack-confirmed': [{ cause: 'break-in', phase: 'full' }],
  'firing-failed': [
    { step: 'prepare', reason: 'timed-out', failures: 1 },
    { step: 'fire', reason: 'E17', failures: 2 },
  ],
  stained: [{ ...change, from: 'full', to: 'stained', cause: 'grace-expired' }],
  'grace-warning': [{ left: 60_000 }],
  'grace-deferred': [{}],
  'grace-extended': [{ left: 30_000 }],
  'time-checkpoint': [{ timers: { grace: 300_000, transport: 5_400_000 } }, { timers: {} }],
  'transport-overdue': [{}],
  'part-changed': [
    { part: 'battery', state: 'low' },
    { part: 'power', state: 'battery' },
    { part: 'self-test', state: 'passed' },
    { part: 'stainer', state: 'inhibited' },
    { part: 'notes', state: 'present' },
    { part: 'machine', state: 'inserted' },
    { part: 'machine', state: 'removed' },
  ],
  'link-lost': [{}],
  'link-restored': [{}],
  'frames-rejected': [{ reason: 'not-authentic', count: 3 }],
  'area-left': [{ source: 'tracker-7' }],
  'area-entered': [{ source: 'tracker-7' }],
  'duress-told': [{ command: 'confirm-key' }],
  'command-refused': [
    { command: 'finish-service', refusal: cassetteRefusal('sensor-active', { sensor: 'gas' }) },
  ],
  'incident-sealed': [
    { incident: 'C1-20260301T101500Z-57', digest: 'ab'.repeat(32), fromSeq: 12, toSeq: 57 },
  ],
  'records-lost': [{ count: 4 }],
};

/** Every sample as an event, by type in the order of the table. */
export const SAMPLE_EVENTS: readonly CassetteEvent[] = Object.entries(SAMPLES).flatMap(([type, all]) =>
  all.map((data) => ({ type, actor: GATEWAY, data }) as CassetteEvent),
);
