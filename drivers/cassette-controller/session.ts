import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { DriverError } from '../errors.ts';
import { HIGHEST_NUMBER } from './constants.ts';
import { sealFrame } from './frame.ts';
import type { Welcome } from './replies.ts';

/** What the key of a session is derived over, before the nonces: no other use of the pairing key begins like that. */
const LABEL = Buffer.from('SEZAM-CASSETTE-1', 'latin1');

/** The key of one session: HMAC-SHA-256 of label, address, both nonces and boot count under the pairing key. */
export function deriveSessionKey(pairingKey: KeyObject, address: number, welcome: Welcome): KeyObject {
  const bootCount = Buffer.alloc(4);
  bootCount.writeUInt32BE(welcome.bootCount);
  const digest = createHmac('sha256', pairingKey)
    .update(LABEL)
    .update(Buffer.from([address]))
    .update(welcome.gatewayNonce)
    .update(welcome.controllerNonce)
    .update(bootCount)
    .digest();
  return createSecretKey(digest);
}

/** The gateway's side of one session: numbers its requests and seals them. */
export class Session {
  readonly key: KeyObject;
  readonly id: number;
  readonly #address: number;
  #counter: number;

  /** @param counter the counter of the last request; 0 in a session that begins */
  constructor(key: KeyObject, id: number, address: number, counter = 0) {
    this.key = key;
    this.id = id;
    this.#address = address;
    this.#counter = counter;
  }

  /** Whether there is no counter left: the next request needs a new session. */
  get exhausted(): boolean {
    return this.#counter >= HIGHEST_NUMBER;
  }

  /** The next request. Throws a `DriverError` `not-linked` where the session is exhausted. */
  request(type: number, payload: Buffer): { readonly counter: number; readonly frame: Buffer } {
    if (this.exhausted)
      throw new DriverError('not-linked', 'The session has come to its end; a new one is due.');
    this.#counter += 1;
    const header = { address: this.#address, type, session: this.id, counter: this.#counter };
    return { counter: this.#counter, frame: sealFrame(this.key, header, payload) };
  }
}
