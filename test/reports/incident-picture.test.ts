import { expect } from 'chai';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import { LocalStream } from '../../gateway/cassettes/local-stream.ts';
import { type Picture, pictureOf } from '../../reports/incident/picture.ts';
import { struckInTheMachine, tooLateForTheMachine } from '../gateway/cassettes/support/staining.ts';
import { incidentFrom } from './support.ts';

const MINUTE = 60_000;

describe('the picture of the hour before a staining', () => {
  const picture = pictureOf(incidentFrom(struckInTheMachine()));

  it('is one hour long, and ends with the staining', () => {
    expect(picture.to - picture.from).to.equal(60 * MINUTE);
    expect(new Date(picture.to).toISOString()).to.equal('2026-03-14T11:00:56.550Z');
  });

  it('shows every state without a gap', () => {
    expect(picture.phases.map(({ phase }) => phase)).to.deep.equal([
      'rest',
      'service',
      'rest',
      'transit',
      'full',
    ]);
    expect(picture.phases[0]?.from).to.equal(picture.from);
    expect(picture.phases.at(-1)?.to).to.equal(picture.to);
    picture.phases.slice(1).forEach(({ from }, index) => {
      expect(from).to.equal(picture.phases[index]?.to);
    });
  });

  it('shows every key where it was used or refused', () => {
    expect(picture.keys.map(({ key, accepted }) => [key, accepted])).to.deep.equal([
      ['k1', true],
      ['k2', false],
      [undefined, false],
      ['k2', true],
      ['k1-other', false],
    ]);
  });

  it('shows which sensor was active for how long, and whether it could stain', () => {
    const shown = picture.sensors.map(({ sensor, spans }) => [sensor, spans.map(({ live }) => live)]);
    expect(shown).to.deep.equal([
      ['lid', [false]],
      ['shock', [true]],
      ['gas', [false]],
      ['tilt', [false]],
    ]);
    const lengths = picture.sensors.map(({ spans: [span] }) => (span ? span.to - span.from : undefined));
    expect(lengths).to.deep.equal([900, 100, 130_300, 1_000]);
  });

  it('shows when the controller did not answer', () => {
    expect(picture.silences.map(({ from, to }) => to - from)).to.deep.equal([12_000]);
  });

  it('has a mark every ten minutes', () => {
    expect(picture.ticks).to.have.length(6);
    expect(picture.ticks.every((tick) => tick % (10 * MINUTE) === 0)).to.equal(true);
  });

  it('shows the grace time that ran out', () => {
    const late = pictureOf(incidentFrom(tooLateForTheMachine()));
    expect(late.phases.at(-1)?.phase).to.equal('grace');
  });
});

describe('the picture of other logs', () => {
  const [configured] = struckInTheMachine().events;
  const stained = {
    type: 'stained',
    actor: GATEWAY,
    data: { from: 'rest', to: 'stained', armedBy: {}, timers: {}, cause: 'lid' },
  } as const;

  /** The picture of a log that begins with the configuration, with events at minutes before the staining. */
  function pictured(begun: number, ...told: readonly (readonly [minutes: number, event: Told])[]): Picture {
    const stream = new LocalStream('cassette/c1');
    const end = Date.UTC(2026, 2, 14, 11);
    const all = [[begun, configured as Told] as const, ...told, [0, stained as Told] as const];
    const events = all.flatMap(([minutes, { type, data }]) =>
      stream.place([{ type, actor: GATEWAY, data }], end - minutes * MINUTE),
    );
    return pictureOf(incidentFrom({ events, stainedSeq: events.length }));
  }
  type Told = Pick<CassetteEvent, 'type' | 'data'>;
  const tilt = (active: boolean): Told => ({
    type: 'sensor-changed',
    data: { sensor: 'tilt', active, liveness: 'report' },
  });
  const gas = (level: 'none' | 'warning' | 'critical'): Told => ({
    type: 'gas-level-changed',
    data: { level, value: 15 },
  });
  const gasSensor = (active: boolean): Told => ({
    type: 'sensor-changed',
    data: { sensor: 'gas', active, liveness: 'live' },
  });
  const lengths = ({ sensors }: Picture): readonly (readonly [number, boolean])[] =>
    sensors.flatMap(({ spans }) => spans.map(({ from, to, live }) => [(to - from) / MINUTE, live] as const));

  it('begins with the log where that is younger than an hour', () => {
    const picture = pictured(20);
    expect(picture.to - picture.from).to.equal(20 * MINUTE);
    expect(picture.phases.map(({ phase }) => phase)).to.deep.equal(['rest']);
  });

  it('leaves out what was over before the hour', () => {
    expect(lengths(pictured(180, [170, tilt(true)], [90, tilt(false)]))).to.deep.equal([]);
    expect(pictured(180, [170, { type: 'link-lost', data: {} }], [90, { type: 'link-restored', data: {} }]))
      .to.have.property('silences')
      .that.deep.equals([]);
  });

  it('cuts what began before the hour', () => {
    expect(lengths(pictured(180, [170, tilt(true)], [50, tilt(false)]))).to.deep.equal([[10, false]]);
    const silent = pictured(180, [170, { type: 'link-lost', data: {} }]);
    expect(silent.silences).to.deep.equal([{ from: silent.from, to: silent.to }]);
  });

  it('knows nothing of a sensor once the link is lost', () => {
    const lost = pictured(180, [30, tilt(true)], [25, { type: 'link-lost', data: {} }]);
    expect(lengths(lost)).to.deep.equal([[5, false]]);
  });

  it('shows gas from its warning on, and apart while it could stain', () => {
    const picture = pictured(
      180,
      [30, gas('warning')],
      [28, gas('critical')],
      [27, gasSensor(true)],
      [20, gas('warning')],
      [20, gasSensor(false)],
      [14, gas('none')],
    );
    expect(lengths(picture)).to.deep.equal([
      [3, false],
      [7, true],
      [6, false],
    ]);
  });
});
