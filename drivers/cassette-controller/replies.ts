import type { PartState, Readings, StainerState } from '../../domain/cassette/readings.ts';
import { NONCE_LENGTH, REFUSALS, type Refusal } from './constants.ts';

/** Payloads of the replies. What is not exactly of the shape that is documented is `undefined`, whoever sent it. */

/** What a controller says of itself when it is greeted. */
export interface Welcome {
  readonly gatewayNonce: Buffer;
  readonly controllerNonce: Buffer;
  /** How often it has started. */
  readonly bootCount: number;
}

/** Everything that a controller measures, and the keys at its reader. */
export interface Sample {
  /** Counts the samples since the controller started, from 1. */
  readonly number: number;
  /** Whole seconds since the controller started. */
  readonly uptime: number;
  readonly readings: Readings;
  /** ROMs in the order of transmission, upper-case hex; at most two. */
  readonly keys: readonly string[];
}

const WELCOME_LENGTH = 2 * NONCE_LENGTH + 4;
const FIXED_LENGTH = 24;
const MOST_SHOCKS = 16;
const MOST_KEYS = 2;
const ROM_LENGTH = 8;

const PARTS: readonly PartState[] = ['unknown', 'ok', 'low', 'fault'];
const POWERS: readonly Readings['power'][] = ['unknown', 'mains', 'battery'];
const NOTES: readonly Readings['notes'][] = ['unknown', 'absent', 'present'];
const SELF_TESTS: readonly Readings['selfTest'][] = ['not-run', 'passed', 'failed'];
const STAINERS: readonly StainerState[] = ['inhibited', 'ready', 'prepared', 'fired', 'fault'];

/** Bits of the contacts, as they are now and as they were at any time since the sample that was acknowledged. */
const LID = 0x01;
const BREAK_IN = 0x02;
const POSITION = 0x04;
const CONTACTS = LID | BREAK_IN | POSITION;
/** Bits of what there is to measure. */
const GAS = 0x01;
const TILT = 0x02;
const LIGHT = 0x04;
const TEMPERATURE = 0x08;
const MEASURED = GAS | TILT | LIGHT | TEMPERATURE;

export function decodeWelcome(payload: Buffer): Welcome | undefined {
  if (payload.length !== WELCOME_LENGTH) return undefined;
  return {
    gatewayNonce: payload.subarray(0, NONCE_LENGTH),
    controllerNonce: payload.subarray(NONCE_LENGTH, 2 * NONCE_LENGTH),
    bootCount: payload.readUInt32BE(2 * NONCE_LENGTH),
  };
}

export function decodeRefusal(payload: Buffer): Refusal | undefined {
  const [code = 0] = payload;
  return payload.length === 1 ? (REFUSALS as Readonly<Record<number, Refusal>>)[code] : undefined;
}

export function decodeSample(payload: Buffer): Sample | undefined {
  if (payload.length < FIXED_LENGTH + 2) return undefined;
  const lists = decodeLists(payload.subarray(FIXED_LENGTH));
  const parts = decodeParts(payload);
  const measured = decodeMeasured(payload);
  const [active, latched, inMachine] = payload.subarray(8, 11);
  if (lists === undefined || parts === undefined || measured === undefined) return undefined;
  if (active === undefined || latched === undefined || inMachine === undefined || inMachine > 1)
    return undefined;
  const contacts = active | latched;
  if ((contacts & ~CONTACTS) !== 0) return undefined;
  return {
    number: payload.readUInt32BE(0),
    uptime: payload.readUInt32BE(4),
    readings: {
      lidOpen: (contacts & LID) !== 0,
      brokenIn: (contacts & BREAK_IN) !== 0,
      shocks: lists.shocks,
      displaced: (contacts & POSITION) !== 0,
      ...measured,
      inMachine: inMachine === 1,
      ...parts,
    },
    keys: lists.keys,
  };
}

type Parts = Pick<Readings, 'notes' | 'battery' | 'power' | 'ink' | 'trigger' | 'selfTest' | 'stainer'>;

function decodeParts(payload: Buffer): Parts | undefined {
  const notes = NOTES[payload.readUInt8(11)];
  const battery = PARTS[payload.readUInt8(12)];
  const power = POWERS[payload.readUInt8(13)];
  const ink = PARTS[payload.readUInt8(14)];
  const trigger = PARTS[payload.readUInt8(15)];
  const selfTest = SELF_TESTS[payload.readUInt8(16)];
  const stainer = STAINERS[payload.readUInt8(17)];
  if (notes === undefined || battery === undefined || power === undefined || ink === undefined)
    return undefined;
  if (trigger === undefined || selfTest === undefined || stainer === undefined) return undefined;
  return { notes, battery, power, ink, trigger, selfTest, stainer };
}

type Measured = Pick<Readings, 'gas' | 'tilt' | 'light' | 'temperature'>;

function decodeMeasured(payload: Buffer): Measured | undefined {
  const present = payload.readUInt8(18);
  const gas = payload.readUInt8(19);
  const tilt = payload.readUInt8(20);
  const light = payload.readUInt16BE(21);
  const temperature = payload.readInt8(23);
  if ((present & ~MEASURED) !== 0 || gas > 100 || tilt > 180) return undefined;
  const has = (bit: number): boolean => (present & bit) !== 0;
  // A value that is not there is 0: nothing in a frame is left to chance.
  const absent = [
    has(GAS) ? 0 : gas,
    has(TILT) ? 0 : tilt,
    has(LIGHT) ? 0 : light,
    has(TEMPERATURE) ? 0 : temperature,
  ];
  if (absent.some((value) => value !== 0)) return undefined;
  return {
    ...(has(GAS) ? { gas } : {}),
    ...(has(TILT) ? { tilt } : {}),
    ...(has(LIGHT) ? { light } : {}),
    ...(has(TEMPERATURE) ? { temperature } : {}),
  };
}

function decodeLists(bytes: Buffer): (Pick<Sample, 'keys'> & Pick<Readings, 'shocks'>) | undefined {
  const [shockCount = 0] = bytes;
  const keysAt = 1 + 2 * shockCount;
  const keyCount = bytes[keysAt];
  if (shockCount > MOST_SHOCKS || keyCount === undefined || keyCount > MOST_KEYS) return undefined;
  if (bytes.length !== keysAt + 1 + ROM_LENGTH * keyCount) return undefined;
  return {
    shocks: Array.from({ length: shockCount }, (_, index) => bytes.readUInt16BE(1 + 2 * index)),
    keys: Array.from({ length: keyCount }, (_, index) => {
      const at = keysAt + 1 + ROM_LENGTH * index;
      return bytes
        .subarray(at, at + ROM_LENGTH)
        .toString('hex')
        .toUpperCase();
    }),
  };
}
