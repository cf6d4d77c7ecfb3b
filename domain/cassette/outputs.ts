/** What the controller is to show and to do, as long as a state lasts. The runtime sees to it that it does. */
import type { StandingSignal } from './signal.ts';
import type { CassetteState } from './state.ts';

export interface Outputs {
  /** The trigger is cut off: nothing can fire. */
  readonly inhibited: boolean;
  readonly signal: StandingSignal;
  readonly antiGas: boolean;
}

export function outputsOf(state: CassetteState): Outputs {
  const { recorded, live } = state;
  return {
    inhibited: recorded.setting === undefined || recorded.phase === 'service',
    signal: signalOf(state),
    antiGas: live.gasLevel !== 'none',
  };
}

/** What is most urgent is shown. */
function signalOf({ recorded, live }: CassetteState): StandingSignal {
  const { setting, phase } = recorded;
  if (!setting) return 'unconfigured';
  if (phase === 'stained' || recorded.attack !== undefined) return 'stained';
  if (Object.values(live.sensors).some(({ preAlarmUntil }) => preAlarmUntil !== undefined))
    return 'pre-alarm';
  if (phase === 'grace' && live.ends.grace !== undefined) {
    const left = live.ends.grace - live.at;
    if (left <= setting.grace.soon / 4) return 'grace-last';
    if (left <= setting.grace.soon) return 'grace-soon';
  }
  if (live.pendingKey) return 'second-factor';
  if (hasFault({ recorded, live })) return 'fault';
  return recorded.test ? 'test' : phase;
}

function hasFault({ live: { readings } }: CassetteState): boolean {
  if (!readings) return false;
  const { battery, ink, trigger, selfTest, stainer } = readings;
  return [battery, ink, trigger, stainer].includes('fault') || selfTest === 'failed';
}
