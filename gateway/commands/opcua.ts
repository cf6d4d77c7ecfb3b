import type { Actor } from '../../domain/event.ts';
import { LONGEST_CERTIFICATE_FILE } from '../administration/person-certificate.ts';
import { type Administration, AdministrationError } from '../administration.ts';
import type {
  ClientCertificate,
  OpcUaAdministration,
  OpcUaRequest,
  OwnCertificate,
} from '../opcua-administration.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks about certificates of OPC UA: of clients, of persons, and the server's own. */
export type OpcUaCommand =
  | OpcUaRequest
  /** Registers the certificate, as PEM, with which a user logs in. */
  | { readonly do: 'add-certificate'; readonly user: string; readonly certificate: string };

const CERTIFICATE = { type: 'string', minLength: 1, maxLength: LONGEST_CERTIFICATE_FILE } as const;

/** JSON schemas of the commands. */
export const OPCUA_SHAPES: readonly object[] = [
  shape(['list-opcua-clients', 'show-opcua-certificate', 'request-opcua-certificate'], {}),
  shape(['trust-opcua-client', 'distrust-opcua-client'], { thumbprint: TEXT }),
  shape(['install-opcua-certificate'], { certificate: CERTIFICATE }),
  shape(['list-opcua-tags'], { cabinet: TEXT, cassette: TEXT, next: TEXT }, ['cabinet', 'cassette', 'next']),
  shape(['add-certificate'], { user: TEXT, certificate: CERTIFICATE }),
];

/** Carries out what was asked. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForOpcUa(
  command: OpcUaCommand,
  opcua: OpcUaAdministration | undefined,
  administration: Administration,
  actor: Actor,
): Promise<unknown> {
  if (command.do === 'add-certificate') {
    const { user, certificate } = command;
    return { credential: await administration.addCertificate(user, certificate, actor) };
  }
  if (!opcua) throw new AdministrationError('opcua-down', 'The OPC UA server has not been started yet.');
  const outcome = await opcua.carryOut(command);
  if (!outcome.ok) throw new AdministrationError(outcome.code, outcome.message);
  const { result } = outcome;
  switch (command.do) {
    case 'trust-opcua-client':
    case 'distrust-opcua-client': {
      const type = command.do === 'trust-opcua-client' ? 'opcua-client-trusted' : 'opcua-client-distrusted';
      const { thumbprint } = result as ClientCertificate;
      await administration.record({ type, actor, data: { thumbprint } });
      return result;
    }
    case 'install-opcua-certificate': {
      const { thumbprint } = result as OwnCertificate;
      await administration.record({
        type: 'opcua-certificate-replaced',
        actor,
        data: { thumbprint, why: 'installed' },
      });
      return result;
    }
    case 'list-opcua-clients':
    case 'show-opcua-certificate':
    case 'request-opcua-certificate':
    case 'list-opcua-tags':
      return result;
  }
}
