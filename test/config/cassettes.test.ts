import { expect } from 'chai';
import { cassetteBuses, cassetteSetting, signalPatterns } from '../../config/cassette-setting.ts';
import { checkSite } from '../../config/read-site.ts';
import type { SiteFile } from '../../config/site.ts';
import { MOST_CASSETTES, type SiteCassette } from '../../config/site-cassette.ts';
import { SENSORS } from '../../domain/cassette/readings.ts';
import { CASSETTE_DEFAULTS, type CassetteSetting, MANAGEMENT_MODES } from '../../domain/cassette/setting.ts';
import { DEFAULT_SIGNALS, PASSING_SIGNALS, STANDING_SIGNALS } from '../../domain/cassette/signal.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../../gateway/clock.ts';
import { Hardware } from '../../gateway/hardware.ts';
import { withCassettes } from './support/cassettes.ts';
import { expectRefusal, FILE, fieldOf, sound, type WrongField, withValue } from './support/sites.ts';

const WRONG: readonly WrongField[] = [
  { path: 'cassettes', value: [], reason: 'must NOT have fewer than 1 items' },
  { path: 'cassettes.0.id', value: 'C 1', reason: /^must be 1 to 32 letters/ },
  { path: 'cassettes.1.id', value: 'C1', reason: '"C1" stands twice' },
  { path: 'cassettes.0.name', value: undefined, reason: 'is missing' },
  {
    path: 'cassettes.0.mode',
    value: 'mine',
    reason: 'must be one of outsourced, internal, internal-protected-zone',
  },
  { path: 'cassettes.0.controller', value: undefined, reason: 'is missing' },
  { path: 'cassettes.0.controller.bus', value: 'cellar', reason: 'there is no bus "cellar"' },
  {
    path: 'cassettes.0.controller.bus',
    value: 'flow',
    reason: 'is "flow", which a flow owns; a cassette waits for no flow, give the bus serial or tcp',
  },
  {
    path: 'cassettes.1.controller.address',
    value: 1,
    reason: 'is 1, which cassette "C1" on bus "vault" has; give it another address or a bus of its own',
  },
  {
    path: 'cassettes.1.controller.address',
    value: undefined,
    reason: /^is 1, which cassette "C1" on bus "vault" has/,
  },
  {
    path: 'boards.1.bus',
    value: 'vault',
    reason:
      'is "vault", which leads to a cassette; cassettes share no wire with cabinets, give it a bus of its own',
  },
  { path: 'readers.0.bus', value: 'yard', reason: /which leads to a cassette/ },
  { path: 'readers.0.bus', value: 'keys', reason: /which leads to a cassette/ },
  {
    path: 'itemReaders',
    value: [{ id: 'tags', bus: 'vault', driver: 'line-inventory' }],
    field: 'itemReaders[0].bus',
    reason: /which leads to a cassette/,
  },
  {
    path: 'cassettes.2.keyReaders.0.id',
    value: 'reader-1',
    reason: '"reader-1" is the id of a reader already',
  },
  { path: 'cassettes.2.keyReaders.0.bus', value: 'cellar', reason: 'there is no bus "cellar"' },
  { path: 'cassettes.2.keyReaders.0.bus', value: 'flow', reason: /which a flow owns/ },
  {
    path: 'cassettes.2.keyReaders.0.bus',
    value: 'vault',
    reason: 'is "vault", where the controller of "C2" is; a reader has no address, give it a bus of its own',
  },
  {
    path: 'cassettes.2.keyReaders.1',
    value: { id: 'more-keys', bus: 'keys', driver: 'ds2480b' },
    field: 'cassettes[2].keyReaders[1].bus',
    reason: /^is "keys", where key reader "zone-keys" is/,
  },
  {
    path: 'cassettes.0.keyReaders',
    value: [{ id: 'zone-keys', bus: 'keys', driver: 'ds2480b' }],
    field: 'cassettes[2].keyReaders[0].id',
    reason: '"zone-keys" is the id of a key reader of cassette "C1" already',
  },
  {
    path: 'panels',
    value: [{ id: 'zone-keys', name: 'Panel', cabinet: 'A' }],
    field: 'cassettes[2].keyReaders[0].id',
    reason: '"zone-keys" is the id of a panel already',
  },
  {
    path: 'cassettes.0.grace',
    value: { minutes: 5 },
    reason: 'mode "outsourced" has no grace time; leave it out',
  },
  {
    path: 'cassettes.1.secondFactor',
    value: { required: true },
    reason: 'mode "internal" has no key K1; leave it out',
  },
  { path: 'cassettes.1.automaticFull', value: true, reason: 'mode "internal" has no transit; leave it out' },
  { path: 'cassettes.1.transportMinutes', value: 60, reason: 'mode "internal" has no transit; leave it out' },
  {
    path: 'cassettes.1.alsoLive',
    value: { transit: ['tilt'] },
    field: 'cassettes[1].alsoLive.transit',
    reason: 'mode "internal" has no transit; leave it out',
  },
  {
    path: 'cassettes.1.loadedRequired',
    value: true,
    reason: 'mode "internal" has no key that arms only a loaded cassette; leave it out',
  },
  {
    path: 'cassettes.1.sensors',
    value: { lid: { preAlarmSeconds: { transit: 1 } } },
    field: 'cassettes[1].sensors.lid.preAlarmSeconds.transit',
    reason: 'mode "internal" has no phase "transit"; leave it out',
  },
  {
    path: 'cassettes.0.sensors',
    value: { gas: { preAlarmSeconds: { transit: 1 } } },
    field: 'cassettes[0].sensors.gas.preAlarmSeconds.transit',
    reason: 'gas does not stain in phase "transit", so nothing is counted down; leave it out',
  },
  {
    path: 'cassettes.0.sensors',
    value: { tilt: { preAlarmSeconds: { full: 1 } } },
    field: 'cassettes[0].sensors.tilt.preAlarmSeconds.full',
    reason: /^tilt does not stain in phase "full"/,
  },
  {
    path: 'cassettes.0.sensors',
    value: { shock: { debounceMilliseconds: 10 } },
    field: 'cassettes[0].sensors.shock',
    reason: /is not a known field/,
  },
  { path: 'cassettes.2.sensors.lid.preAlarmSeconds.rest', value: 61, reason: 'must be <= 60' },
  { path: 'cassettes.2.sensors.lid.debounceMilliseconds', value: -1, reason: 'must be >= 0' },
  {
    path: 'cassettes.2.gas.warningPercent',
    value: 15,
    reason: 'is 15, which is not below the critical 15',
  },
  {
    path: 'cassettes.0.gas',
    value: { criticalPercent: 10 },
    field: 'cassettes[0].gas.warningPercent',
    reason: 'is 10, which is not below the critical 10',
  },
  {
    path: 'cassettes.2.gas.hysteresisPercent',
    value: 8,
    reason: 'is 8, so that the warning at 8 would never end; make it smaller',
  },
  {
    path: 'cassettes.2.shock.low.levelMilliG',
    value: 1_499,
    reason: 'is 1499, which is more sensitive than high with its 1500; make it larger',
  },
  { path: 'cassettes.2.shock.high.count', value: 17, reason: 'must be <= 16' },
  {
    path: 'cassettes.2.tilt.hysteresisDegrees',
    value: 30,
    reason: 'is 30, so that what is above 30 would never end; make it smaller',
  },
  { path: 'cassettes.2.light.hysteresisLux', value: 50, reason: /would never end/ },
  {
    path: 'cassettes.2.temperature.belowCelsius',
    value: 58,
    field: 'cassettes[2].temperature',
    reason: 'nothing between 58 and 60 would be normal with a hysteresis of 2; set them further apart',
  },
  {
    path: 'cassettes.2.alsoLive.full',
    value: ['gas'],
    field: 'cassettes[2].alsoLive.full[0]',
    reason: /one of tilt/,
  },
  {
    path: 'cassettes.2.grace.warningsSeconds',
    value: [30, 120],
    reason: 'has 120, which is not shorter than the grace time of 120 s',
  },
  {
    path: 'cassettes.2.grace.soonSeconds',
    value: 121,
    reason: 'is 121, longer than the grace time of 120 s',
  },
  {
    path: 'cassettes.2.grace.leastAfterReturnSeconds',
    value: 121,
    reason: 'is 121, longer than the grace time of 120 s',
  },
  { path: 'cassettes.2.grace.minutes', value: 0, reason: 'must be >= 0.1' },
  { path: 'cassettes.2.contact.goneAfterMilliseconds', value: 249, reason: 'must be >= 250' },
  {
    path: 'cassettes.2.contact.goneAfterMilliseconds',
    value: 399,
    reason: 'is 399, but keys are looked for every 200 ms only; make it 400 or more',
  },
  {
    path: 'cassettes.0.controller.settings',
    value: { pollMilliseconds: 151 },
    field: 'cassettes[0].contact.goneAfterMilliseconds',
    reason: 'is 300, but keys are looked for every 151 ms only; make it 302 or more',
  },
  { path: 'cassettes.2.secondFactor.within', value: 5, reason: /misspelt/ },
  { path: 'cassetteSignals.blink', value: DEFAULT_SIGNALS.rest, reason: /misspelt/ },
  { path: 'cassetteSignals.rest.steps', value: [], reason: 'must NOT have fewer than 1 items' },
  {
    path: 'cassetteSignals.rest.steps.0.led',
    value: 'blue',
    reason: 'must be one of off, green, amber, red',
  },
  { path: 'cassetteSignals.rest.steps.0.lasts', value: 9, reason: 'must be >= 10' },
  { path: 'cassetteSignals.rest.repeat', value: undefined, reason: 'is missing' },
];

describe('A site file with cassettes', () => {
  it('is taken as it is', async () => {
    const site = checkSite(FILE, withCassettes());
    expect(site).to.deep.equal(withCassettes());
    const hardware = Hardware.build(FILE, site, await loadDrivers(), systemClock);
    expect(
      hardware.health().map(({ id }) => id),
      'the buses of cassettes are opened elsewhere',
    ).to.deep.equal(['locks', 'readers', 'flow']);
  });

  it('needs no cabinet', async () => {
    const { cassettes, buses, ...site } = withCassettes();
    const alone = { ...site, cabinets: [], boards: [], readers: [], buses: buses.slice(3), cassettes };
    expect(checkSite(FILE, alone).cassettes).to.have.length(3);
    Hardware.build(FILE, checkSite(FILE, alone), await loadDrivers(), systemClock);
  });

  for (const wrong of WRONG) {
    it(`is refused with ${wrong.path}: ${JSON.stringify(wrong.value)}`, () => {
      const content = withValue(wrong.path, wrong.value, withCassettes());
      expectRefusal(() => checkSite(FILE, content), fieldOf(wrong), wrong.reason);
    });
  }

  it(`has up to ${MOST_CASSETTES} of them`, () => {
    const many = (count: number): SiteFile => ({
      ...withCassettes(),
      buses: [...sound().buses, { id: 'vault', transport: { type: 'serial', path: '/dev/ttyUSB1' } }],
      cassettes: Array.from({ length: count }, (_, index) => ({
        id: `C${index}`,
        name: `Cassette ${index}`,
        mode: 'internal',
        controller: { bus: 'vault', address: index },
      })),
    });
    expect(checkSite(FILE, many(MOST_CASSETTES)).cassettes).to.have.length(MOST_CASSETTES);
    expectRefusal(
      () => checkSite(FILE, many(MOST_CASSETTES + 1)),
      'cassettes',
      `must NOT have more than ${MOST_CASSETTES} items`,
    );
  });

  it('says which buses lead to cassettes', () => {
    expect([...cassetteBuses(withCassettes())]).to.deep.equal(['vault', 'yard', 'keys']);
    expect(cassetteBuses(sound()).size).to.equal(0);
  });
});

describe('The setting of a cassette', () => {
  it('is the usual one where the site file says nothing', () => {
    for (const mode of MANAGEMENT_MODES) {
      const setting = cassetteSetting({ id: 'C9', name: 'Nine', mode, controller: { bus: 'vault' } });
      expect(setting).to.deep.equal({ id: 'C9', mode, ...CASSETTE_DEFAULTS });
    }
  });

  it('is what the site file says, in the units of the domain', () => {
    const usual = CASSETTE_DEFAULTS.sensors;
    const expected: CassetteSetting = {
      id: 'C3',
      mode: 'internal-protected-zone',
      sensors: {
        ...usual,
        lid: { debounce: 250, preAlarm: { rest: 0, transit: 1_500 } },
        position: { debounce: usual.position.debounce, preAlarm: { full: 10_000 } },
        tilt: { debounce: usual.tilt.debounce, preAlarm: { full: 5_000 } },
      },
      shock: { window: 3_000, low: { level: 8_000, count: 5 }, high: { level: 1_500, count: 1 } },
      gas: { warning: 8, critical: 15, hysteresis: 1 },
      tilt: { above: 30, hysteresis: 3 },
      light: { above: 50, hysteresis: 10 },
      temperature: { below: -10, above: 60, hysteresis: 2 },
      alsoLive: { transit: ['light'], full: ['light', 'tilt'] },
      unsteady: { changes: 20, window: 30_000 },
      grace: {
        lasts: 120_000,
        warnings: [60_000, 30_000, 10_000],
        soon: 40_000,
        leastAfterReturn: 20_000,
      },
      service: { lasts: 2_700_000, twoPersons: true },
      resetByTwoPersons: false,
      transportWithin: 5_400_000,
      automaticFull: true,
      secondFactor: { required: true, within: 20_000 },
      loadedRequired: false,
      contact: { lasts: 400, againAfter: 3_000, goneAfter: 600 },
      firing: { retryAfter: 300 },
      checkpointEvery: 10_000,
    };
    expect(cassetteSetting(last())).to.deep.equal(expected);
  });

  it('leaves no setting of the domain without a field in the site file', () => {
    const leaves = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
    const { sensors: _own, ...own } = cassetteSetting(last());
    const { sensors: _usual, ...usual } = cassetteSetting({ ...bare(), id: 'C0', mode: 'outsourced' });
    const said = new Map(Object.entries(own));
    for (const [name, value] of Object.entries(usual)) {
      expect(leaves(said.get(name)), name).to.not.deep.equal(leaves(value));
    }
  });

  it('keeps of the usual warnings those that a short grace time has', () => {
    const { grace } = cassetteSetting({ ...bare(), grace: { minutes: 0.5 } });
    expect(grace).to.deep.equal({
      lasts: 30_000,
      warnings: [15_000, 5_000],
      soon: 30_000,
      leastAfterReturn: 30_000,
    });
  });

  it('counts down at every sensor that is told to', () => {
    for (const sensor of SENSORS) {
      if (sensor === 'shock') continue;
      const sensors = { [sensor]: { preAlarmSeconds: { full: 2 } } };
      expect(cassetteSetting({ ...bare(), sensors }).sensors[sensor].preAlarm.full, sensor).to.equal(2_000);
    }
  });
});

describe('The signals of a site', () => {
  it('are the usual ones, but for those that the site file has', () => {
    const { rest, ...others } = signalPatterns(withCassettes());
    const { rest: _usual, ...usual } = DEFAULT_SIGNALS;
    expect(others).to.deep.equal(usual);
    expect(rest).to.deep.equal({ steps: [{ led: 'off', tone: 0, lasts: 1_000 }], repeat: true });
    expect(signalPatterns(sound())).to.deep.equal(DEFAULT_SIGNALS);
  });

  it('can be all of one’s own', () => {
    const cassetteSignals = Object.fromEntries(
      [...STANDING_SIGNALS, ...PASSING_SIGNALS].map((signal) => [signal, DEFAULT_SIGNALS.stained]),
    );
    const site = checkSite(FILE, { ...withCassettes(), cassetteSignals });
    expect(new Set(Object.values(signalPatterns(site)))).to.have.length(1);
  });
});

function last(): SiteCassette {
  const cassette = withCassettes().cassettes?.[2];
  if (!cassette) throw new Error('The file has three cassettes.');
  return cassette;
}

function bare(): SiteCassette {
  return { id: 'C1', name: 'One', mode: 'internal-protected-zone', controller: { bus: 'vault' } };
}
