import type { SignalPattern } from '../../domain/cassette/signal.ts';
import { DriverError } from '../errors.ts';
import { HIGHEST_NUMBER } from './constants.ts';

/** Payloads of the requests that have one. What does not fit throws a `DriverError` `wrong-value`. */

const LED_CODES = { off: 0, green: 1, amber: 2, red: 3 } as const;
const MOST_STEPS = 16;
const STEP_LENGTH = 5;
const HIGHEST_TONE = 20_000;
const SHORTEST_STEP = 10;
const LONGEST_STEP = 60_000;

/** @param acknowledged the number of the newest sample that arrived, 0 for none */
export function encodeSampleRequest(acknowledged: number): Buffer {
  return number32(acknowledged);
}

/** @param ticket 1 to 4294967295 */
export function encodeTicket(ticket: number): Buffer {
  requireWithin('A ticket', ticket, 1, HIGHEST_NUMBER);
  return number32(ticket);
}

export function encodeSwitch(on: boolean): Buffer {
  return Buffer.from([on ? 1 : 0]);
}

export function encodeSignal({ steps, repeat }: SignalPattern): Buffer {
  requireWithin('The number of steps of a signal', steps.length, 1, MOST_STEPS);
  const payload = Buffer.alloc(2 + STEP_LENGTH * steps.length);
  payload[0] = repeat ? 1 : 0;
  payload[1] = steps.length;
  steps.forEach(({ led, tone, lasts }, index) => {
    requireWithin('The tone of a signal in Hz', tone, 0, HIGHEST_TONE);
    requireWithin('The length of a step of a signal in ms', lasts, SHORTEST_STEP, LONGEST_STEP);
    const at = 2 + STEP_LENGTH * index;
    payload[at] = LED_CODES[led];
    payload.writeUInt16BE(tone, at + 1);
    payload.writeUInt16BE(lasts, at + 3);
  });
  return payload;
}

function number32(value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return payload;
}

function requireWithin(what: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new DriverError(
    'wrong-value',
    `${what} is ${value}; it must be a whole number from ${from} to ${to}.`,
  );
}
