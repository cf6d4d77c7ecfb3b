/** The keys of a site as the fold of their events, in the stream `keys/<gateway>`. */
import type { EventDraft } from '../event.ts';
import type { CassetteKey, Rom } from './key.ts';

export type KeyEvent =
  | EventDraft<'key-registered', Omit<CassetteKey, 'revoked'>>
  | EventDraft<'key-revoked', { readonly id: string; readonly reason: string }>
  | EventDraft<'key-restored', { readonly id: string; readonly reason: string }>;

/** By id. An id is given once; a key that is lost stays, revoked. */
export type KeyRegister = ReadonlyMap<string, CassetteKey>;

export const NO_KEYS: KeyRegister = new Map();

export function evolveKeys(keys: KeyRegister, event: KeyEvent): KeyRegister {
  const { id } = event.data;
  if (event.type === 'key-registered') return new Map(keys).set(id, { ...event.data, revoked: false });
  const key = keys.get(id);
  return key ? new Map(keys).set(id, { ...key, revoked: event.type === 'key-revoked' }) : keys;
}

/** The key with that ROM, if one is registered. */
export function keyOfRom(keys: KeyRegister, rom: Rom): CassetteKey | undefined {
  for (const key of keys.values()) if (key.rom === rom) return key;
  return undefined;
}
