/** Commands of `npm run admin` about certificates of OPC UA: of clients, of persons, and the server's own. */
import { readFile } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { OpcUaCommand } from '../gateway/commands/opcua.ts';
import type { ClientCertificate, OwnCertificate } from '../gateway/opcua-administration.ts';

export const OPCUA_USAGE = `OPC UA
  opcua-clients                                  lists clients that were rejected and those that are trusted
  trust-client --thumbprint T                    lets a client in that was rejected, at once
  distrust-client --thumbprint T                 ends the trust in a client, and its sessions
  opcua-certificate                              shows the server's own certificate
  opcua-csr                                      prints a signing request for it, for the site's authority
  opcua-certificate --file FILE                  installs what the authority issued, at once
  add-certificate --user ID --file FILE          registers the certificate with which a user logs in`;

export const OPCUA_OPTIONS = {
  thumbprint: { type: 'string' },
  user: { type: 'string' },
  file: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type OpcUaValues = { readonly [Name in keyof typeof OPCUA_OPTIONS]?: string | undefined };

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
export async function opcuaCommandFor(
  name: string,
  { thumbprint, user, file }: OpcUaValues,
): Promise<Partial<OpcUaCommand> | undefined> {
  switch (name) {
    case 'opcua-clients':
      return { do: 'list-opcua-clients' };
    case 'trust-client':
    case 'distrust-client': {
      const command = name === 'trust-client' ? 'trust-opcua-client' : 'distrust-opcua-client';
      return { do: command, ...(thumbprint !== undefined && { thumbprint }) };
    }
    case 'opcua-csr':
      return { do: 'request-opcua-certificate' };
    case 'opcua-certificate':
      return file === undefined
        ? { do: 'show-opcua-certificate' }
        : { do: 'install-opcua-certificate', certificate: await readFile(file, 'utf8') };
    case 'add-certificate':
      return {
        do: name,
        ...(user !== undefined && { user }),
        ...(file !== undefined && { certificate: await readFile(file, 'utf8') }),
      };
    default:
      return undefined;
  }
}

/** What an answer says, as lines for a person; undefined where the command is none of these. */
export function opcuaLines(name: string, result: unknown): readonly string[] | undefined {
  switch (name) {
    case 'opcua-clients': {
      const clients = result as readonly ClientCertificate[];
      return clients.length === 0 ? ['No client has tried to connect yet.'] : clients.flatMap(clientLines);
    }
    case 'trust-client':
    case 'distrust-client':
      return clientLines(result as ClientCertificate);
    case 'opcua-csr':
      return [String(result).trimEnd()];
    case 'opcua-certificate': {
      const { thumbprint, subject, issuer, applicationUri, validFrom, validUntil } = result as OwnCertificate;
      return [
        subject,
        `  thumbprint   ${thumbprint}`,
        `  application  ${applicationUri}`,
        `  issued by    ${issuer === subject ? 'itself' : issuer}`,
        `  valid        ${validFrom} to ${validUntil}`,
      ];
    }
    default:
      return undefined;
  }
}

function clientLines({
  trust,
  thumbprint,
  subject,
  applicationUri,
  validFrom,
  validUntil,
  seen,
}: ClientCertificate): readonly string[] {
  return [
    `${trust}  ${subject}`,
    `  thumbprint   ${thumbprint}`,
    ...(applicationUri === undefined ? [] : [`  application  ${applicationUri}`]),
    `  valid        ${validFrom} to ${validUntil}`,
    `  seen         ${seen ?? 'not since the start'}`,
  ];
}
