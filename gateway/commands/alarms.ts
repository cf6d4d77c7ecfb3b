import type { AlarmCommand } from '../../domain/alarms/events.ts';
import type { Actor } from '../../domain/event.ts';
import type { AlarmDone, AlarmRefused, AlarmView, Gateway } from '../api.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks about alarms. */
export type AlarmsCommand =
  /** Those that are to be seen; `all`: those as well that were set apart for when they come up again. */
  | { readonly do: 'list-alarms'; readonly all: boolean }
  | { readonly do: 'command-alarm'; readonly command: AlarmCommand };

const COMMENT = { comment: { type: 'string', maxLength: 4_096 } } as const;
const OF = { alarm: TEXT, ...COMMENT } as const;

/** JSON schemas of the commands. */
export const ALARM_SHAPES: readonly object[] = [
  shape(['list-alarms'], { all: { type: 'boolean' } }),
  shape(['command-alarm'], {
    command: {
      type: 'object',
      required: ['do'],
      discriminator: { propertyName: 'do' },
      oneOf: [
        shape(['acknowledge', 'confirm'], { ...OF, number: { type: 'integer', minimum: 1 } }, [
          'comment',
          'number',
        ]),
        shape(['comment'], OF),
        shape(['shelve'], { ...OF, lasts: { type: 'number' } }, ['comment']),
        shape(['unshelve', 'silence'], OF, ['comment']),
      ],
    },
  }),
];

/** Carries out what was asked; the answer is what the alarm is then. */
export async function carryOutForAlarms(
  command: AlarmsCommand,
  { alarms }: Pick<Gateway, 'alarms'>,
  actor: Actor,
): Promise<AlarmDone | AlarmRefused | { readonly ok: true; readonly alarms: readonly AlarmView[] }> {
  if (command.do === 'command-alarm') {
    return alarms.command(command.command, { kind: 'machine', id: actor.id });
  }
  return { ok: true, alarms: alarms.list().filter(({ retained }) => retained || command.all) };
}
