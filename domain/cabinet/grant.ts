import type { Actor } from '../event.ts';
import type { Choice } from '../schemas/schema.ts';
import type { AccessCode } from '../session/session.ts';
import type { PanelId, ReaderId, UserId } from '../site.ts';
import type { CabinetEvents } from './events.ts';
import { type Decision, decided } from './inputs.ts';
import type { CabinetState } from './state.ts';

/** Whom a grant is for, and how they came to it. What is undefined is left out of the event. */
export interface GrantTo {
  /** Public id that the grant will have. */
  readonly grant: string;
  readonly user?: UserId | undefined;
  readonly credential?: string | undefined;
  readonly reader?: ReaderId | undefined;
  readonly panel?: PanelId | undefined;
  readonly session?: string | undefined;
  readonly replaces?: string | undefined;
  readonly picked?: boolean | undefined;
  readonly insteadOf?: number | undefined;
  readonly replaced?: number | undefined;
  readonly deposit?: string | undefined;
  readonly code?: string | undefined;
  readonly newCode?: AccessCode | undefined;
  readonly second?: { readonly user: UserId; readonly credential: string } | undefined;
  readonly duress?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** Who acts: the user, or an undefined user at a panel. */
export function actorAt(user: UserId | undefined, panel: PanelId): Actor {
  return user === undefined ? { kind: 'guest', id: panel } : { kind: 'user', id: user };
}

/** The grant for a choice: the event that records it, and the right to open once that follows. */
export function grantFor(
  state: CabinetState,
  { compartment, allocation, purpose }: Choice,
  to: GrantTo,
  actor: Actor,
): Decision {
  const { grant, picked, duress, ...given } = to;
  const data: CabinetEvents['compartment-granted'] = {
    compartment,
    grant,
    allocation,
    purpose,
    schema: state.setting.schema,
    ...withoutUndefined(given),
    ...(picked && { picked: true }),
    ...(duress && { duress: true }),
    ...(purpose === 'deposit' && { deposit: grant }),
  };
  return decided({ type: 'compartment-granted', actor, data }, [
    { effect: 'hold-grant', grant, compartment, validFor: state.setting.doors.grantValidFor },
  ]);
}

type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

/** An object without its undefined members: an event says what is, and nothing about what is not. */
function withoutUndefined<Members extends object>(members: Members): Defined<Members> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Defined<Members>;
}
