/** The numbers of the protocol; docs/cassette-protocol.md explains each. */

/** Requests of the gateway. */
export const REQUEST = {
  hello: 0x01,
  sample: 0x02,
  prepare: 0x03,
  fire: 0x04,
  inhibit: 0x05,
  signal: 0x06,
  antiGas: 0x07,
  selfTest: 0x08,
} as const;
export type RequestType = (typeof REQUEST)[keyof typeof REQUEST];

/** Replies of the controller: the highest bit says who speaks. */
export const REPLY = {
  welcome: 0x81,
  sample: 0x82,
  done: 0x83,
  refused: 0x84,
  noSession: 0x85,
} as const;
export const FROM_CONTROLLER = 0x80;

/** Addresses of controllers on one bus, both included. */
export const ADDRESSES = { from: 1, to: 32 } as const;
export const KEY_LENGTH = 32;
export const NONCE_LENGTH = 16;
/** The highest counter and the highest ticket. */
export const HIGHEST_NUMBER = 0xff_ff_ff_ff;

/** Why a controller refuses a request, by the code in its reply. */
export const REFUSALS = {
  1: 'not-prepared',
  2: 'wrong-ticket',
  3: 'inhibited',
  4: 'spent',
  5: 'fault',
  6: 'busy',
  7: 'malformed',
  8: 'unsupported',
} as const satisfies Readonly<Record<number, string>>;
export type Refusal = (typeof REFUSALS)[keyof typeof REFUSALS];
