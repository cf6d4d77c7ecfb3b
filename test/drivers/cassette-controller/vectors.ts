import { createSecretKey } from 'node:crypto';
import { REPLY, REQUEST } from '../../../drivers/cassette-controller/constants.ts';
import type { FrameHeader } from '../../../drivers/cassette-controller/frame.ts';

/**
 * A conversation with a controller of address 7, as docs/cassette-protocol.md shows it. The bytes come from a program of
 * their own, in another language, which shares no code with driver and simulator.
 */
const ADDRESS = 7;
const SESSION = 0x5e_55_10_4e;

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

export const PAIRING_KEY = createSecretKey(
  bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'),
);
export const GATEWAY_NONCE = bytes('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf');
export const CONTROLLER_NONCE = bytes('c0c1c2c3c4c5c6c7c8c9cacbcccdcecf');
export const BOOT_COUNT = 3;
export const SESSION_KEY = createSecretKey(
  bytes('b7c8cd7d1fb130e22107ea09caccab88801f5159b306e708e6fb3fdb15f4580c'),
);

interface Vector {
  readonly name: string;
  readonly header: FrameHeader;
  readonly key: 'pairing' | 'session';
  readonly payload: Buffer;
  readonly frame: Buffer;
}

const inSession = (name: string, type: number, counter: number, payload: string, frame: string): Vector => ({
  name,
  header: { address: ADDRESS, type, session: SESSION, counter },
  key: 'session',
  payload: bytes(payload),
  frame: bytes(frame),
});

export const VECTORS: readonly Vector[] = [
  {
    name: 'hello',
    header: { address: ADDRESS, type: REQUEST.hello, session: 0, counter: 0 },
    key: 'pairing',
    payload: GATEWAY_NONCE,
    frame: bytes(
      'a55c011007010000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeafec6f15b4975f3a1a828046c6fe9d69bd7910',
    ),
  },
  {
    name: 'welcome',
    header: { address: ADDRESS, type: REPLY.welcome, session: SESSION, counter: 0 },
    key: 'pairing',
    payload: Buffer.concat([GATEWAY_NONCE, CONTROLLER_NONCE, bytes('00000003')]),
    frame: bytes(
      'a55c012407815e55104e00000000a0a1a2a3a4a5a6a7a8a9aaabacadaeafc0c1c2c3c4c5c6c7c8c9cacbcccdcecf00000003e553f37c6f6781544d4530bb5b47d65eb685',
    ),
  },
  inSession(
    'sample request',
    REQUEST.sample,
    1,
    '00000000',
    'a55c010407025e55104e0000000100000000889885038e461907aaff5080d2ce85c3bebf',
  ),
  inSession(
    'sample',
    REPLY.sample,
    1,
    '000000010000003c000101020101020101010b00020000fb0203522ee00101606cbf03000021',
    'a55c012607825e55104e00000001000000010000003c000101020101020101010b00020000fb0203522ee00101606cbf03000021886ed40a73da49a839cc9613fe5c3a4eaedc',
  ),
  inSession(
    'prepare',
    REQUEST.prepare,
    2,
    '00c0ffee',
    'a55c010407035e55104e0000000200c0ffeec1c1f3fe421429f07a7aea014cca21eb0122',
  ),
  inSession('done', REPLY.done, 2, '', 'a55c010007835e55104e00000002f11b27f31209c518b46653b7b00de133b52b'),
  inSession(
    'fire',
    REQUEST.fire,
    3,
    '00c0ffee',
    'a55c010407045e55104e0000000300c0ffee37c59a75a7707c4be4ea5d27cdb03d74bcc7',
  ),
  inSession(
    'done, fired',
    REPLY.done,
    3,
    '',
    'a55c010007835e55104e00000003a78b6cdec75551215f2ddb530617786cbc85',
  ),
  inSession(
    'fire once more',
    REQUEST.fire,
    4,
    '00c0ffee',
    'a55c010407045e55104e0000000400c0ffeecc65de5989a4b5a6535e10cd6aa9c75ac5f5',
  ),
  inSession(
    'refused',
    REPLY.refused,
    4,
    '04',
    'a55c010107845e55104e0000000404ef63fe9ae779ac1ea60bfc641193ba2e0b87',
  ),
  inSession(
    'inhibit',
    REQUEST.inhibit,
    5,
    '01',
    'a55c010107055e55104e0000000501ab25fee130ed6ef169eff5411f99feec3c02',
  ),
  inSession(
    'signal',
    REQUEST.signal,
    6,
    '0002010a2800960000000032',
    'a55c010c07065e55104e000000060002010a280096000000003223fad993b8f8c60cb6dec0ee2a843eb35060',
  ),
  inSession(
    'anti-gas',
    REQUEST.antiGas,
    7,
    '01',
    'a55c010107075e55104e00000007015b193bf55c7b7543fa5427eb4267e6142bac',
  ),
  inSession(
    'self-test',
    REQUEST.selfTest,
    8,
    '',
    'a55c010007085e55104e000000081ef5a68c474c4a3f5e8fdc553e7413555a90',
  ),
  {
    name: 'no session',
    header: { address: ADDRESS, type: REPLY.noSession, session: 0, counter: 8 },
    key: 'pairing',
    payload: bytes('1ef5a68c474c4a3f5e8fdc553e741355'),
    frame: bytes(
      'a55c0110078500000000000000081ef5a68c474c4a3f5e8fdc553e741355ed1876e3297c80bee8d7f0d1e934f1b8430f',
    ),
  },
];
