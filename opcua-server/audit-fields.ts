/** What audit events and records have in common, whatever they tell of. */
import { X509Certificate } from 'node:crypto';
import { DataType, type OPCUAServer, type RaiseEventData, type UAObject } from 'node-opcua';
import type { Principal } from '../gateway/api.ts';
import { thumbprintOf } from './client-certificates.ts';

/** Severities of audit events (OPC 10000-5, 6.4.2): what went well, what an administrator should look at. */
const WELL = 100;
const BAD = 900;

/** Who acts where nobody has logged in. */
export const NOBODY = { kind: 'machine', id: 'opcua' } as const;

/** The fields that every audit event has to be given. */
export function commonFields(good: boolean, message: string): RaiseEventData {
  return {
    actionTimeStamp: { dataType: DataType.DateTime, value: new Date() },
    status: { dataType: DataType.Boolean, value: good },
    severity: { dataType: DataType.UInt16, value: good ? WELL : BAD },
    message: { dataType: DataType.LocalizedText, value: { locale: 'en', text: message } },
  };
}

/** The Server object; undefined where nobody listens to it. An event takes as long to make as a short call. */
export function listenedServerObject({ engine }: OPCUAServer): UAObject | undefined {
  const source = engine.addressSpace?.rootFolder.objects.server;
  return source && source.listenerCount('event') > 0 ? source : undefined;
}

/** By what a person is known in audit events: what they log in with, their id where that is a certificate; empty for nobody. */
export function userNameOf(principal: Principal | undefined): string {
  return principal?.login || (principal?.user ?? '');
}

/** The thumbprint of what was shown, where it is a certificate. */
export function thumbprintIn(raw: Buffer): string {
  try {
    return thumbprintOf(new X509Certificate(raw));
  } catch {
    return '';
  }
}
