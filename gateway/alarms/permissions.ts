/** Who may do what to alarms. */
import type { AlarmCommand } from '../../domain/alarms/events.ts';
import type { Role } from '../../domain/identification.ts';

type CommandName = AlarmCommand['do'];

/** What whoever watches may do: say that something was seen to, and keep it quiet for a while. */
const OPERATORS: ReadonlySet<CommandName> = new Set([
  'acknowledge',
  'confirm',
  'comment',
  'silence',
  'shelve',
  'shelve-once',
  'unshelve',
]);

/** What a flow, or the command line without a person, may do: the same, as long as it ends by itself or is undone there. */
const MACHINES: ReadonlySet<CommandName> = new Set([
  'acknowledge',
  'confirm',
  'comment',
  'silence',
  'shelve',
  'unshelve',
]);

/** Taking an alarm out for good is for administrators. */
export function mayHandle(command: CommandName, roles: readonly Role[]): boolean {
  return roles.includes('administrator') || (roles.includes('operator') && OPERATORS.has(command));
}

export function machineMayHandle(command: CommandName): boolean {
  return MACHINES.has(command);
}
