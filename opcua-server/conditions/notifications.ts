/**
 * What a change of an alarm is notified as. The alarm itself is the trunk of its condition, each earlier occurrence that waits
 * to be acknowledged a branch (OPC 10000-9, 4.4). Compared are the alarm as it was told last and as it is, so that changes that were
 * merged on their way make the same.
 */
import type { Occurrence } from '../../domain/alarms/alarm.ts';
import { MOST_EARLIER } from '../../domain/alarms/evolve.ts';
import type { AlarmView } from '../../gateway/api.ts';

/** The state of a condition or of a branch of it. */
export interface ConditionState {
  readonly alarm: AlarmView;
  readonly occurrence: Occurrence;
  readonly branch: boolean;
  /** Whether it is to be seen on. */
  readonly retain: boolean;
}

/** The states that a client is to be told of, in order. A disabled alarm tells that it is, and nothing else. */
export function notificationsOf(before: AlarmView | undefined, after: AlarmView): readonly ConditionState[] {
  if (!after.enabled && before?.enabled === false) return [];
  if (before && before.enabled !== after.enabled) {
    return [...after.earlier.map((each) => branch(after, each, after.enabled)), trunk(after)];
  }
  const trunkChanged = before === undefined || signature(before) !== signature(after);
  return [...branchesOf(before, after), ...(trunkChanged ? [trunk(after)] : [])];
}

/** Everything of an alarm that is to be seen. */
export function retainedStates(alarm: AlarmView): readonly ConditionState[] {
  if (!alarm.retained) return [];
  return [...alarm.earlier.map((each) => branch(alarm, each, true)), trunk(alarm)];
}

function branchesOf(before: AlarmView | undefined, after: AlarmView): readonly ConditionState[] {
  const known = new Map(before?.earlier.map((each) => [each.number, each]));
  const changed = after.earlier.filter(
    (each) => JSON.stringify(known.get(each.number)) !== JSON.stringify(each),
  );
  const left = new Set(after.earlier.map(({ number }) => number));
  const gone = [...known.values()].filter(({ number }) => !left.has(number));
  return [
    ...gone.map((each) => branch(after, gonePast(each, after), false)),
    ...changed.map((each) => branch(after, each, true)),
  ];
}

/** A branch that is gone was seen to; unless it was the oldest of too many. */
function gonePast(occurrence: Occurrence, { earlier, changedAt }: AlarmView): Occurrence {
  const [oldest] = earlier;
  if (oldest && earlier.length >= MOST_EARLIER && occurrence.number < oldest.number) return occurrence;
  return {
    ...occurrence,
    acknowledged: true,
    acknowledgedAt: occurrence.acknowledgedAt ?? changedAt,
    confirmed: true,
    confirmedAt: occurrence.confirmedAt ?? changedAt,
  };
}

function trunk(alarm: AlarmView): ConditionState {
  return { alarm, occurrence: alarm.current, branch: false, retain: alarm.retained };
}

function branch(alarm: AlarmView, occurrence: Occurrence, retain: boolean): ConditionState {
  return { alarm, occurrence, branch: true, retain };
}

/** What is told of the trunk. */
function signature(alarm: AlarmView): string {
  const { current, shelving, outOfService, suppressed, silenced, comment, retained } = alarm;
  return JSON.stringify([current, shelving, outOfService, suppressed, silenced, comment, retained]);
}
