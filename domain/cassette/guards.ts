/** What stands against arming, or against coming back to rest. */
import type { Readings } from './readings.ts';
import { type CassetteRefusal, cassetteRefusal } from './refusal.ts';
import { type Guard, isLive, livenessOf, liveSensors } from './rules.ts';
import type { Phase } from './setting.ts';
import type { Turn } from './turn.ts';

/** Why a cassette cannot be armed up to a phase now; undefined where it can. */
export function againstArming(
  turn: Turn,
  to: Phase,
  refusedIf: readonly Guard[],
): CassetteRefusal | undefined {
  const { readings, link } = turn.live;
  if (link === 'down' || !readings) return cassetteRefusal('no-link');
  const failed = refusedIf.find((guard) => GUARDS[guard](turn, readings));
  if (failed) return cassetteRefusal(failed);
  if (readings.stainer !== 'ready') return cassetteRefusal('stainer-not-ready', { state: readings.stainer });
  if (readings.ink === 'fault') return cassetteRefusal('ink-not-ok');
  if (readings.trigger === 'fault') return cassetteRefusal('trigger-not-ok');
  if (readings.battery === 'fault') return cassetteRefusal('battery-not-ok');
  return activeSensor(turn, to);
}

/**
 * Why a cassette cannot come down to a phase now: a sensor that is active and becomes live only by that, as a site may
 * have it (`alsoLive`), would stain at once. Undefined where it can.
 */
export function againstStepDown(turn: Turn, to: Phase): CassetteRefusal | undefined {
  const before = liveSensors(turn.rules, turn.setting, turn.recorded.phase);
  const active = liveSensors(turn.rules, turn.setting, to).find(
    (sensor) => !before.includes(sensor) && turn.live.sensors[sensor].active,
  );
  return active && cassetteRefusal('sensor-active', { sensor: active });
}

/** Why a cassette cannot come to rest from service now; undefined where it can. */
export function againstRest(turn: Turn): CassetteRefusal | undefined {
  const { readings, link } = turn.live;
  if (link === 'down' || !readings) return cassetteRefusal('no-link');
  if (readings.lidOpen) return cassetteRefusal('lid-open');
  if (readings.stainer === 'fired' || readings.stainer === 'fault') {
    return cassetteRefusal('stainer-not-ready', { state: readings.stainer });
  }
  return activeSensor(turn, 'rest');
}

const GUARDS: Readonly<Record<Guard, (turn: Turn, readings: Readings) => boolean>> = {
  'not-loaded': ({ setting, recorded }, { notes }) =>
    setting.loadedRequired && notes !== 'present' && !(notes === 'unknown' && recorded.loaded),
  'lid-open': (_turn, { lidOpen }) => lidOpen,
  'self-test-failed': (_turn, { selfTest }) => selfTest !== 'passed',
  'not-in-machine': (_turn, { inMachine }) => !inMachine,
};

/** A sensor that would be live there and is active, or was a moment ago. */
function activeSensor(turn: Turn, to: Phase): CassetteRefusal | undefined {
  const { rules, setting, live } = turn;
  const active = liveSensors(rules, setting, to).find((sensor) =>
    sensor === 'shock' ? struck(turn, to) : live.sensors[sensor].active,
  );
  return active && cassetteRefusal('sensor-active', { sensor: active });
}

function struck({ rules, setting, live }: Turn, to: Phase): boolean {
  const liveness = livenessOf(rules, setting, to, 'shock');
  const { level } = setting.shock[liveness === 'high' ? 'high' : 'low'];
  return isLive(liveness) && live.blows.some((blow) => blow.level >= level);
}
