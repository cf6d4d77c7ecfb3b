/** What the benchmark and the process of its controllers say to each other. */

/** Bytes of a sample without blows and keys, of an order to prepare or to fire, and of the answer to an order. */
export const LENGTHS = { sample: 58, order: 36, done: 32 } as const;

/** What followed an attack. Times are milliseconds. */
export interface Reaction {
  /** From the confirming sample, handed to the socket, to the first byte of `prepare`. */
  readonly toPrepare: number;
  /** From the confirming sample to the first byte of `fire`. */
  readonly toFire: number;
  /** From the moment at which somebody drilled to the first byte of `fire`. */
  readonly sinceAttack: number;
  /** Frames of the gateway on the bus from the confirming sample to `fire`, both orders included: 2 where nothing came between. */
  readonly frames: number;
}

export type ToControllers =
  /** The pairing keys of the controllers, by bus and address. */
  | { readonly kind: 'serve'; readonly buses: readonly (readonly string[])[] }
  | { readonly kind: 'attack'; readonly cassette: number }
  | { readonly kind: 'ping' };

export type FromControllers =
  | { readonly kind: 'served'; readonly ports: readonly number[]; readonly pingPort: number }
  | { readonly kind: 'reacted'; readonly cassette: number; readonly reaction: Reaction }
  | { readonly kind: 'pinged'; readonly toPrepare: number; readonly toFire: number };
