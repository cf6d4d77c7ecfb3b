import type { KeyRole } from '../../domain/cassette/key.ts';
import type { KeyRegistration } from '../../gateway/cassettes/api.ts';

/** The Dallas keys of the demo site. Their numbers are told in `docs/demo.md`: none of them is a secret. */
export const DEMO_KEYS = {
  countingRoom: key('demo-K1', '01A14F2C1B000039', 'K1', ['C1', 'C3']),
  spare: key('demo-K1-spare', '012B61D41A000080', 'K1', ['C1', 'C3']),
  machine: key('demo-K2', '01DE03971C000032', 'K2', ['C1', 'C3']),
  branch: key('demo-K', '01770E5A1B0000CA', 'K', ['C2']),
} as const;

/** A key that is registered nowhere. */
export const STRANGE_KEY = '0149C8321D0000D7';

function key(id: string, rom: string, role: KeyRole, cassettes: readonly string[]): KeyRegistration {
  return { id, rom, role, cassettes, duress: false };
}
