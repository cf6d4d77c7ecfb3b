import { SENSORS, type Sensor } from '../domain/cassette/readings.ts';
import { CASSETTE_DEFAULTS, type CassetteSetting, type SensorRule } from '../domain/cassette/setting.ts';
import { DEFAULT_SIGNALS, type SignalPatterns } from '../domain/cassette/signal.ts';
import type { Milliseconds } from '../domain/site.ts';
import type { SiteFile } from './site.ts';
import type { SensorSetting, SiteCassette } from './site-cassette.ts';

const SECOND: Milliseconds = 1_000;
const MINUTE: Milliseconds = 60 * SECOND;

/** A cassette of a checked site file, as the domain knows it: every default filled in, every time in milliseconds. */
export function cassetteSetting(cassette: SiteCassette): CassetteSetting {
  const usual = CASSETTE_DEFAULTS;
  const { id, mode, service, secondFactor, firing, alsoLive, unsteady, transportMinutes } = cassette;
  return {
    id,
    mode,
    sensors: sensorsOf(cassette),
    shock: shockOf(cassette),
    ...levelsOf(cassette),
    alsoLive: { ...usual.alsoLive, ...alsoLive },
    unsteady: {
      changes: unsteady?.changes ?? usual.unsteady.changes,
      window: times(unsteady?.windowSeconds, SECOND) ?? usual.unsteady.window,
    },
    grace: graceOf(cassette),
    service: {
      lasts: times(service?.minutes, MINUTE) ?? usual.service.lasts,
      twoPersons: service?.twoPersons ?? usual.service.twoPersons,
    },
    resetByTwoPersons: cassette.resetByTwoPersons ?? usual.resetByTwoPersons,
    ...(transportMinutes !== undefined && { transportWithin: Math.round(transportMinutes * MINUTE) }),
    automaticFull: cassette.automaticFull ?? usual.automaticFull,
    secondFactor: {
      required: secondFactor?.required ?? usual.secondFactor.required,
      within: times(secondFactor?.withinSeconds, SECOND) ?? usual.secondFactor.within,
    },
    loadedRequired: cassette.loadedRequired ?? usual.loadedRequired,
    contact: contactOf(cassette),
    firing: { retryAfter: firing?.retryMilliseconds ?? usual.firing.retryAfter },
    checkpointEvery: times(cassette.checkpointSeconds, SECOND) ?? usual.checkpointEvery,
  };
}

/** What is signalled and how, at every cassette of a checked site file. */
export function signalPatterns({ cassetteSignals }: Pick<SiteFile, 'cassetteSignals'>): SignalPatterns {
  return { ...DEFAULT_SIGNALS, ...cassetteSignals };
}

/** The buses whose wires lead to cassettes; nothing of a cabinet hangs on them. */
export function cassetteBuses({ cassettes = [] }: Pick<SiteFile, 'cassettes'>): ReadonlySet<string> {
  return new Set(
    cassettes.flatMap(({ controller, keyReaders = [] }) => [
      controller.bus,
      ...keyReaders.map(({ bus }) => bus),
    ]),
  );
}

function sensorsOf({ sensors = {} }: SiteCassette): CassetteSetting['sensors'] {
  const own: Readonly<Partial<Record<Sensor, SensorSetting>>> = sensors;
  const rules = SENSORS.map((sensor) => [sensor, sensorRule(CASSETTE_DEFAULTS.sensors[sensor], own[sensor])]);
  return Object.fromEntries(rules) as CassetteSetting['sensors'];
}

function sensorRule(usual: SensorRule, own: SensorSetting = {}): SensorRule {
  const countdowns = Object.entries(own.preAlarmSeconds ?? {});
  return {
    debounce: own.debounceMilliseconds ?? usual.debounce,
    preAlarm: {
      ...usual.preAlarm,
      ...Object.fromEntries(countdowns.map(([phase, seconds]) => [phase, Math.round(seconds * SECOND)])),
    },
  };
}

function shockOf({ shock }: SiteCassette): CassetteSetting['shock'] {
  const usual = CASSETTE_DEFAULTS.shock;
  return {
    window: times(shock?.windowSeconds, SECOND) ?? usual.window,
    low: {
      level: shock?.low?.levelMilliG ?? usual.low.level,
      count: shock?.low?.count ?? usual.low.count,
    },
    high: {
      level: shock?.high?.levelMilliG ?? usual.high.level,
      count: shock?.high?.count ?? usual.high.count,
    },
  };
}

/** From where on what is measured is active. */
function levelsOf({
  gas,
  tilt,
  light,
  temperature,
}: SiteCassette): Pick<CassetteSetting, 'gas' | 'tilt' | 'light' | 'temperature'> {
  const usual = CASSETTE_DEFAULTS;
  return {
    gas: {
      warning: gas?.warningPercent ?? usual.gas.warning,
      critical: gas?.criticalPercent ?? usual.gas.critical,
      hysteresis: gas?.hysteresisPercent ?? usual.gas.hysteresis,
    },
    tilt: {
      above: tilt?.aboveDegrees ?? usual.tilt.above,
      hysteresis: tilt?.hysteresisDegrees ?? usual.tilt.hysteresis,
    },
    light: {
      above: light?.aboveLux ?? usual.light.above,
      hysteresis: light?.hysteresisLux ?? usual.light.hysteresis,
    },
    temperature: {
      below: temperature?.belowCelsius ?? usual.temperature.below,
      above: temperature?.aboveCelsius ?? usual.temperature.above,
      hysteresis: temperature?.hysteresisCelsius ?? usual.temperature.hysteresis,
    },
  };
}

/** A grace time that is shorter than the usual one has those of the usual warnings that fall into it. */
function graceOf({ grace }: SiteCassette): CassetteSetting['grace'] {
  const usual = CASSETTE_DEFAULTS.grace;
  const lasts = times(grace?.minutes, MINUTE) ?? usual.lasts;
  const warnings =
    grace?.warningsSeconds?.map((seconds) => Math.round(seconds * SECOND)) ??
    usual.warnings.filter((left) => left < lasts);
  return {
    lasts,
    warnings: warnings.toSorted((a, b) => b - a),
    soon: times(grace?.soonSeconds, SECOND) ?? Math.min(usual.soon, lasts),
    leastAfterReturn:
      times(grace?.leastAfterReturnSeconds, SECOND) ?? Math.min(usual.leastAfterReturn, lasts),
  };
}

function contactOf({ contact }: SiteCassette): CassetteSetting['contact'] {
  const usual = CASSETTE_DEFAULTS.contact;
  return {
    lasts: contact?.milliseconds ?? usual.lasts,
    againAfter: times(contact?.againAfterSeconds, SECOND) ?? usual.againAfter,
    goneAfter: contact?.goneAfterMilliseconds ?? usual.goneAfter,
  };
}

function times(count: number | undefined, unit: Milliseconds): Milliseconds | undefined {
  return count === undefined ? undefined : Math.round(count * unit);
}
