/** Puts on record whose connection was ended, and why. */
import type { ServerSession } from 'node-opcua';
import { NOBODY } from '../audit-fields.ts';
import type { AuditLog } from '../audit-log.ts';
import type { SignIns } from '../security.ts';
import type { EndedConnection } from './guard.ts';

export function recordEndings(log: AuditLog, signIns: SignIns): (connection: EndedConnection) => void {
  return ({ why, address, channel }) => {
    // The type of the library's declaration is narrower than what it keeps there.
    const [session] = Object.values(channel?.sessionTokens ?? {}) as ServerSession[];
    const user = session && signIns.principalOf(session)?.user;
    log.note(
      {
        type: 'opcua-connection-ended',
        actor: NOBODY,
        data: {
          reason: why,
          address,
          ...(session && { session: session.nodeId.toString() }),
          ...(user !== undefined && { user }),
        },
      },
      `${why} ${address}`,
    );
  };
}
