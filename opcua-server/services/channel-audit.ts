/**
 * Auditing of secure channels (OPC 10000-5, 6.4.6): what was opened, renewed or refused. Whoever is refused is on record
 * with their address; connections that end before they have said anything are not, or every check whether the port is
 * open would be.
 */
import {
  AsymmetricAlgorithmSecurityHeader,
  DataType,
  MessageSecurityMode,
  type OPCUAServer,
  OpenSecureChannelRequest,
  type ServerSecureChannelLayer,
  StatusCodes,
} from 'node-opcua';
import { commonFields, listenedServerObject, NOBODY, thumbprintIn } from '../audit-fields.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Message, Response, ResponseWatch } from './responses.ts';

/** How the library names a status in what it says of connections that failed. */
const STATUS_NAME = /\bBad[A-Za-z]{2,60}\b/;

export class ChannelAudit {
  readonly #server: OPCUAServer;
  readonly #log: AuditLog;

  constructor(server: OPCUAServer, log: AuditLog) {
    this.#server = server;
    this.#log = log;
  }

  /** Follows connections that were refused before there was a channel. */
  attach(): void {
    this.#server.on('connectionRefused', ({ remoteAddress }) =>
      this.#refused(StatusCodes.BadTcpNotEnoughResources.name, remoteAddress),
    );
    this.#server.on('openSecureChannelFailure', ({ remoteAddress, reason }) => {
      const status = STATUS_NAME.exec(reason ?? '')?.[0];
      if (status !== undefined) this.#refused(status, remoteAddress);
    });
  }

  readonly watch: ResponseWatch = (channel, response, message) => {
    if (message.request instanceof OpenSecureChannelRequest)
      this.#answered(channel, response, message, message.request);
    return true;
  };

  #answered(
    channel: ServerSecureChannelLayer,
    { responseHeader: { serviceResult } }: Response,
    { securityHeader }: Message,
    request: OpenSecureChannelRequest,
  ): void {
    if (!serviceResult.isGood()) this.#refused(serviceResult.name, channel.getRemoteIPAddress());
    const asymmetric = securityHeader instanceof AsymmetricAlgorithmSecurityHeader;
    const certificate = channel.clientCertificate ?? (asymmetric ? securityHeader.senderCertificate : null);
    listenedServerObject(this.#server)?.raiseEvent('AuditOpenSecureChannelEventType', {
      ...commonFields(serviceResult.isGood(), serviceResult.name),
      sourceName: { dataType: DataType.String, value: 'SecureChannel/OpenSecureChannel' },
      serverId: { dataType: DataType.String, value: this.#server.serverInfo.applicationUri ?? '' },
      clientAuditEntryId: { dataType: DataType.String, value: request.requestHeader.auditEntryId ?? '' },
      clientUserId: { dataType: DataType.String, value: 'System/OpenSecureChannel' },
      secureChannelId: { dataType: DataType.String, value: String(channel.channelId ?? '') },
      clientCertificate: { dataType: DataType.ByteString, value: certificate },
      clientCertificateThumbprint: {
        dataType: DataType.String,
        value: certificate ? thumbprintIn(certificate) : '',
      },
      requestType: { dataType: DataType.Int32, value: request.requestType },
      securityPolicyUri: {
        dataType: DataType.String,
        value: (asymmetric ? securityHeader.securityPolicyUri : channel.securityPolicy) ?? '',
      },
      securityMode: { dataType: DataType.Int32, value: request.securityMode ?? MessageSecurityMode.Invalid },
      requestedLifetime: { dataType: DataType.Double, value: request.requestedLifetime },
    });
  }

  #refused(status: string, address: string | undefined): void {
    const data = { status, ...(address && { address }) };
    this.#log.note({ type: 'opcua-channel-refused', actor: NOBODY, data }, status);
  }
}
