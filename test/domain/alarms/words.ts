/** Signs in short, for tables: `raised door-forced@A/1`. */
import { alarmId } from '../../../domain/alarms/alarm.ts';
import type { AlarmSign } from '../../../domain/alarms/sign.ts';

export function inShort({ sign, kind, source, part }: AlarmSign): string {
  return `${sign} ${alarmId(kind, source, part)}`;
}
