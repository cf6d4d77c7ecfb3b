/** The recorded state of a cassette as the fold of its events. */
import type { Milliseconds } from '../site.ts';
import type { CassetteEvent, PhaseChange, StainCause, TimersLeft } from './events.ts';
import type { RecordedState } from './state.ts';

/** The state after one more event. */
export function evolveCassette(state: RecordedState, event: CassetteEvent, at: Milliseconds): RecordedState {
  switch (event.type) {
    case 'cassette-configured':
      return { ...state, setting: event.data.setting };
    case 'cassette-restarted':
      return without(state, 'attack');
    case 'key-used': {
      const { key, role } = event.data;
      return changed(
        { ...state, lastKey: { ...(key && { key }), ...(role && { role }), accepted: true, at } },
        event.data,
      );
    }
    case 'key-refused': {
      const { key, role } = event.data;
      return { ...state, lastKey: { ...(key && { key }), ...(role && { role }), accepted: false, at } };
    }
    case 'key-overridden':
    case 'armed-by-insertion':
      return changed(state, event.data);
    case 'service-entered':
      return without(
        without({ ...changed(state, event.data), loaded: false, serviceOverdue: false }, 'stainCause'),
        'attack',
      );
    case 'service-finished':
      return without(
        { ...changed(state, event.data), loaded: event.data.loaded, serviceOverdue: false },
        'test',
      );
    case 'service-overdue':
      return { ...state, serviceOverdue: true, timers: {} };
    case 'test-begun':
      return { ...state, test: [] };
    case 'sensor-proved':
      return { ...state, test: [...(state.test ?? []), event.data.sensor] };
    case 'test-ended':
      return without(state, 'test');
    case 'attack-confirmed':
      return { ...state, attack: event.data.cause, timers: timersAt(state.timers, event.data.cause) };
    case 'stained':
      return without({ ...changed(state, event.data), stainCause: event.data.cause }, 'attack');
    case 'grace-warning':
    case 'grace-extended':
      return { ...state, timers: { ...state.timers, grace: event.data.left } };
    case 'grace-deferred':
      return { ...state, timers: { ...state.timers, grace: 0 } };
    case 'time-checkpoint':
      return { ...state, timers: event.data.timers };
    case 'transport-overdue': {
      const { transport: _over, ...timers } = state.timers;
      return { ...state, timers, transportOverdue: true };
    }
    case 'part-changed':
      return { ...state, parts: { ...state.parts, [event.data.part]: event.data.state } };
    case 'area-left':
      return { ...state, outsideArea: true };
    case 'area-entered':
      return { ...state, outsideArea: false };
    case 'configuration-locked':
    case 'duress-told':
    case 'second-factor-awaited':
    case 'self-test-asked':
    case 'sensor-changed':
    case 'gas-level-changed':
    case 'sensor-unsteady':
    case 'pre-alarm-begun':
    case 'pre-alarm-ended':
    case 'firing-failed':
    case 'link-lost':
    case 'link-restored':
    case 'frames-rejected':
    case 'command-refused':
    case 'incident-sealed':
    case 'records-lost':
      return state;
  }
}

/** What is known of the time left when the cause of an attack was its end. */
function timersAt(timers: TimersLeft, cause: StainCause): TimersLeft {
  return cause === 'grace-expired' ? { ...timers, grace: 0 } : timers;
}

function changed(state: RecordedState, { to, armedBy, timers }: PhaseChange): RecordedState {
  return { ...state, phase: to, armedBy, timers, transportOverdue: false };
}

function without<Key extends 'attack' | 'stainCause' | 'test'>(
  state: RecordedState,
  key: Key,
): RecordedState {
  const { [key]: _gone, ...rest } = state;
  return rest as RecordedState;
}
