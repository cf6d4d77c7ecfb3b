/** Reading and writing of messages: pure, so that the wiring stays thin. */
import type { AlarmRefused, CassetteRefused, Refused } from '../gateway/api.ts';
import { NodeError } from './errors.ts';

/** The references that the gateway hands out, each to be used once, in this order. */
export type ReferenceName = 'presentation' | 'identity' | 'grant';

/** Longer than any reference that the gateway hands out. */
const LONGEST_REFERENCE = 512;

/** Where each reference comes from, for the message of the error. */
const SOURCE: Readonly<Record<ReferenceName, string>> = {
  presentation: 'a reader node hands out for each card or PIN',
  identity: 'an identify node hands out on its first output',
  grant: 'an allocate node hands out on its first output',
};

/**
 * Takes a reference out of a message's payload.
 * @throws NodeError `message-without-…` where there is none that could be one.
 */
export function referenceIn(payload: unknown, name: ReferenceName): string {
  const value = isRecord(payload) ? payload[name] : undefined;
  if (typeof value === 'string' && value.length > 0 && value.length <= LONGEST_REFERENCE) return value;
  throw new NodeError(
    `message-without-${name}`,
    `msg.payload.${name} is missing. Send this node a message with the ${name} that ${SOURCE[name]}.`,
  );
}

/** What of a message's payload stays of use after its reference was used up. */
const CONTEXT = ['reader', 'cabinet', 'user'] as const;

/** Ids that later nodes and displays need to know where it happened; nothing that opens anything. */
export function contextOf(payload: unknown): Readonly<Record<string, string>> {
  const context: Record<string, string> = {};
  if (!isRecord(payload)) return context;
  for (const name of CONTEXT) {
    const value = payload[name];
    if (typeof value === 'string') context[name] = value;
  }
  return context;
}

/** A refusal of a cabinet, of a cassette or of an alarm. */
export type AnyRefused = Refused | CassetteRefused | AlarmRefused;

/** Payload of a refusal: the code for flows, the text in every language for displays. */
export interface RefusedPayload {
  readonly code: AnyRefused['refusal']['code'];
  readonly values: AnyRefused['refusal']['values'];
  readonly text: AnyRefused['text'];
}

export function refusedPayload({ refusal, text }: AnyRefused): RefusedPayload {
  return { code: refusal.code, values: { ...refusal.values }, text: { ...text } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
