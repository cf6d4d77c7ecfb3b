/** Who may give which command to a cassette. */
import type { CommandName } from '../../domain/cassette/inputs.ts';
import type { Role } from '../../domain/identification.ts';

const LOADERS: readonly Role[] = ['administrator', 'master'];
const ADMINISTRATORS: readonly Role[] = ['administrator'];

/** A person needs one of these roles; the second person of a command does too. */
const ROLES: Readonly<Record<CommandName, readonly Role[]>> = {
  'enter-service': LOADERS,
  'finish-service': LOADERS,
  'reset-stained': ADMINISTRATORS,
  'override-key': ADMINISTRATORS,
  'confirm-key': LOADERS,
  'begin-test': LOADERS,
  'end-test': LOADERS,
  'self-test': LOADERS,
};

/**
 * What a flow, or the command line without a person, may do: nothing that lets somebody at the notes, and nothing that
 * makes a sensor live while hands are inside.
 */
const MACHINES: ReadonlySet<CommandName> = new Set(['end-test', 'self-test']);

export function mayCommand(command: CommandName, roles: readonly Role[]): boolean {
  return ROLES[command].some((role) => roles.includes(role));
}

export function machineMayCommand(command: CommandName): boolean {
  return MACHINES.has(command);
}
