import { isLive, livenessOf, RULES } from '../domain/cassette/rules.ts';
import { type CassetteSetting, LIVE_PHASES, type ManagementMode } from '../domain/cassette/setting.ts';
import { cassetteBuses, cassetteSetting } from './cassette-setting.ts';
import type { Wrong } from './check-cabinet.ts';
import type { SiteFile } from './site.ts';
import { type SiteCassette, USUAL_ADDRESS } from './site-cassette.ts';

/** Checks what the schema of the site file cannot say of its cassettes. */
export function checkCassettes(site: SiteFile, wrong: Wrong): void {
  const { cassettes = [] } = site;
  checkControllers(site, cassettes, wrong);
  checkKeyReaders(site, cassettes, wrong);
  checkOthers(site, wrong);
  cassettes.forEach((cassette, index) => {
    const at = `cassettes[${index}]`;
    const setting = cassetteSetting(cassette);
    checkMode(cassette, at, wrong);
    checkCountdowns(cassette, setting, at, wrong);
    checkLevels(setting, at, wrong);
    checkGrace(setting, at, wrong);
    checkContact(cassette, setting, at, wrong);
  });
}

function checkControllers(site: SiteFile, cassettes: readonly SiteCassette[], wrong: Wrong): void {
  const addresses = new Map<string, string>();
  cassettes.forEach(({ id, controller }, index) => {
    const { bus, address = USUAL_ADDRESS } = controller;
    checkBus(site, bus, `cassettes[${index}].controller.bus`, wrong);
    const place = `${bus}/${address}`;
    const other = addresses.get(place);
    if (other) {
      wrong(
        `cassettes[${index}].controller.address`,
        `is ${address}, which cassette "${other}" on bus "${bus}" has; give it another address or a bus of its own`,
      );
    }
    addresses.set(place, id);
  });
}

/** The wires of cassettes lead nowhere else. */
function checkOthers(site: SiteFile, wrong: Wrong): void {
  const theirs = cassetteBuses(site);
  for (const [field, things = []] of [
    ['boards', site.boards],
    ['readers', site.readers],
    ['itemReaders', site.itemReaders],
  ] as const) {
    things.forEach(({ bus }, index) => {
      if (theirs.has(bus)) {
        wrong(
          `${field}[${index}].bus`,
          `is "${bus}", which leads to a cassette; cassettes share no wire with cabinets, give it a bus of its own`,
        );
      }
    });
  }
}

function checkBus({ buses }: SiteFile, id: string, field: string, wrong: Wrong): void {
  const bus = buses.find((each) => each.id === id);
  if (!bus) wrong(field, `there is no bus "${id}"`);
  if (bus.transport.type === 'flow') {
    wrong(field, `is "${id}", which a flow owns; a cassette waits for no flow, give the bus serial or tcp`);
  }
}

function checkKeyReaders(site: SiteFile, cassettes: readonly SiteCassette[], wrong: Wrong): void {
  const known = new Map<string, string>();
  for (const { id } of [...site.readers, ...(site.itemReaders ?? [])]) known.set(id, 'a reader');
  for (const { id } of site.panels ?? []) known.set(id, 'a panel');
  const taken = new Map(cassettes.map(({ id, controller }) => [controller.bus, `the controller of "${id}"`]));
  cassettes.forEach(({ id: cassette, keyReaders = [] }, index) => {
    keyReaders.forEach(({ id, bus }, place) => {
      const field = `cassettes[${index}].keyReaders[${place}]`;
      const other = known.get(id);
      if (other) wrong(`${field}.id`, `"${id}" is the id of ${other} already`);
      known.set(id, `a key reader of cassette "${cassette}"`);
      checkBus(site, bus, `${field}.bus`, wrong);
      const there = taken.get(bus);
      if (there) {
        wrong(
          `${field}.bus`,
          `is "${bus}", where ${there} is; a reader has no address, give it a bus of its own`,
        );
      }
      taken.set(bus, `key reader "${id}"`);
    });
  });
}

/** What a setting needs of a mode: a site that sets what its mode does not have expects what will not happen. */
function checkMode(cassette: SiteCassette, at: string, wrong: Wrong): void {
  const { mode, alsoLive } = cassette;
  const rows = RULES.transitions[mode];
  const needs: readonly (readonly [field: string, said: boolean, has: boolean, what: string])[] = [
    ['grace', cassette.grace !== undefined, rows.some(({ on }) => on === 'expiry'), 'no grace time'],
    ['secondFactor', cassette.secondFactor !== undefined, rows.some(({ on }) => on === 'K1'), 'no key K1'],
    ['automaticFull', cassette.automaticFull === true, phasesOf(mode).has('transit'), 'no transit'],
    [
      'transportMinutes',
      cassette.transportMinutes !== undefined,
      phasesOf(mode).has('transit'),
      'no transit',
    ],
    ['alsoLive.transit', alsoLive?.transit !== undefined, phasesOf(mode).has('transit'), 'no transit'],
    [
      'loadedRequired',
      cassette.loadedRequired !== undefined,
      rows.some(({ refusedIf }) => refusedIf.some((guard) => guard === 'not-loaded')),
      'no key that arms only a loaded cassette',
    ],
  ];
  for (const [field, said, has, what] of needs) {
    if (said && !has) wrong(`${at}.${field}`, `mode "${mode}" has ${what}; leave it out`);
  }
}

/** A countdown makes sense where the sensor would stain. */
function checkCountdowns(
  { mode, sensors = {} }: SiteCassette,
  setting: CassetteSetting,
  at: string,
  wrong: Wrong,
): void {
  const phases = phasesOf(mode);
  for (const [sensor, { preAlarmSeconds = {} }] of Object.entries(sensors)) {
    for (const phase of LIVE_PHASES) {
      if (preAlarmSeconds[phase] === undefined) continue;
      const field = `${at}.sensors.${sensor}.preAlarmSeconds.${phase}`;
      if (!phases.has(phase)) wrong(field, `mode "${mode}" has no phase "${phase}"; leave it out`);
      if (!isLive(livenessOf(RULES, setting, phase, sensor as keyof typeof sensors))) {
        wrong(
          field,
          `${sensor} does not stain in phase "${phase}", so nothing is counted down; leave it out`,
        );
      }
    }
  }
}

function checkLevels(
  { gas, shock, tilt, light, temperature }: CassetteSetting,
  at: string,
  wrong: Wrong,
): void {
  if (gas.warning >= gas.critical) {
    wrong(`${at}.gas.warningPercent`, `is ${gas.warning}, which is not below the critical ${gas.critical}`);
  }
  if (gas.hysteresis >= gas.warning) {
    wrong(
      `${at}.gas.hysteresisPercent`,
      `is ${gas.hysteresis}, so that the warning at ${gas.warning} would never end; make it smaller`,
    );
  }
  if (shock.low.level < shock.high.level) {
    wrong(
      `${at}.shock.low.levelMilliG`,
      `is ${shock.low.level}, which is more sensitive than high with its ${shock.high.level}; make it larger`,
    );
  }
  for (const [field, { above, hysteresis }] of [
    ['tilt.hysteresisDegrees', tilt],
    ['light.hysteresisLux', light],
  ] as const) {
    if (hysteresis >= above) {
      wrong(
        `${at}.${field}`,
        `is ${hysteresis}, so that what is above ${above} would never end; make it smaller`,
      );
    }
  }
  if (temperature.below + 2 * temperature.hysteresis >= temperature.above) {
    wrong(
      `${at}.temperature`,
      `nothing between ${temperature.below} and ${temperature.above} would be normal with a hysteresis of ${temperature.hysteresis}; set them further apart`,
    );
  }
}

function checkGrace({ grace }: CassetteSetting, at: string, wrong: Wrong): void {
  const seconds = grace.lasts / 1_000;
  grace.warnings.forEach((left) => {
    if (left >= grace.lasts) {
      wrong(
        `${at}.grace.warningsSeconds`,
        `has ${left / 1_000}, which is not shorter than the grace time of ${seconds} s`,
      );
    }
  });
  if (grace.soon > grace.lasts) {
    wrong(`${at}.grace.soonSeconds`, `is ${grace.soon / 1_000}, longer than the grace time of ${seconds} s`);
  }
  if (grace.leastAfterReturn > grace.lasts) {
    wrong(
      `${at}.grace.leastAfterReturnSeconds`,
      `is ${grace.leastAfterReturn / 1_000}, longer than the grace time of ${seconds} s`,
    );
  }
}

/** A key is seen once a poll: with a single one missed it must not seem to have left. */
function checkContact(
  { controller, keyReaders = [] }: SiteCassette,
  { contact }: CassetteSetting,
  at: string,
  wrong: Wrong,
): void {
  for (const { settings } of [controller, ...keyReaders]) {
    const poll = settings?.['pollMilliseconds'];
    if (typeof poll !== 'number' || contact.goneAfter >= 2 * poll) continue;
    wrong(
      `${at}.contact.goneAfterMilliseconds`,
      `is ${contact.goneAfter}, but keys are looked for every ${poll} ms only; make it ${2 * poll} or more`,
    );
  }
}

/** The phases that the keys of a mode lead from and to. */
function phasesOf(mode: ManagementMode): ReadonlySet<string> {
  return new Set(RULES.transitions[mode].flatMap(({ from, to }) => [from, to]));
}
