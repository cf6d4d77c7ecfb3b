/** The Dallas keys of a site: given, revoked, given back; each on record. */
import { type CassetteKey, KEY_ROLES } from '../../domain/cassette/key.ts';
import type { KeyEvent } from '../../domain/cassette/key-register.ts';
import type { Actor } from '../../domain/event.ts';
import { familyOf, isRom, labelOf } from '../../domain/one-wire.ts';
import { AdministrationError } from '../administration/errors.ts';
import type { KeyRegistration, KeyView } from './api.ts';
import type { CassetteThread } from './cassette-thread.ts';

/** Keys of one site. */
const MOST_KEYS = 10_000;
const LONGEST_REASON = 500;
const ID = /^[\w.-]{1,64}$/;

export class KeyAdministration {
  readonly #thread: Pick<CassetteThread, 'ask' | 'keys'>;
  readonly #cassettes: ReadonlySet<string>;

  constructor(thread: Pick<CassetteThread, 'ask' | 'keys'>, cassettes: ReadonlySet<string>) {
    this.#thread = thread;
    this.#cassettes = cassettes;
  }

  list(): readonly KeyView[] {
    return this.#thread.keys.map(viewOf);
  }

  /** Registers a key. Rejects with an `AdministrationError` where its id or its number is registered already. */
  async register(key: KeyRegistration, actor: Actor): Promise<void> {
    const { id, rom, role, cassettes, duress, validUntil } = key;
    if (!ID.test(id)) {
      throw new AdministrationError(
        'field-wrong',
        `"${id}" cannot be the id of a key: 1 to 64 letters, digits, ".", "-" or "_".`,
      );
    }
    if (!KEY_ROLES.includes(role)) {
      throw new AdministrationError('field-wrong', `The role of a key is one of ${KEY_ROLES.join(', ')}.`);
    }
    if (!/^[0-9A-F]{16}$/.test(rom) || !isRom(Buffer.from(rom, 'hex'))) {
      throw new AdministrationError(
        'field-wrong',
        'This is not the number of a Dallas key: its checksum does not fit. Read it again, with all 16 digits.',
      );
    }
    if (validUntil !== undefined && !Number.isSafeInteger(validUntil)) {
      throw new AdministrationError(
        'field-wrong',
        'A key is good until a moment in ms since 1970, or for ever.',
      );
    }
    const unknown = cassettes.find((cassette) => !this.#cassettes.has(cassette));
    if (unknown !== undefined) {
      throw new AdministrationError('field-wrong', `There is no cassette "${unknown}".`);
    }
    const { keys } = this.#thread;
    if (keys.some((other) => other.id === id)) {
      throw new AdministrationError(
        'credential-taken',
        `There is a key "${id}" already; ids are given once.`,
      );
    }
    const same = keys.find((other) => other.rom === rom);
    if (same) {
      const state = same.revoked ? ', which is revoked' : '';
      throw new AdministrationError('credential-taken', `This is key "${same.id}"${state} already.`);
    }
    if (keys.length >= MOST_KEYS) {
      throw new AdministrationError(
        'field-wrong',
        `There are ${MOST_KEYS} keys already, the most there may be.`,
      );
    }
    const data = { id, rom, role, cassettes: [...new Set(cassettes)], duress: duress === true };
    const valid = validUntil === undefined ? data : { ...data, validUntil };
    await this.#record({ type: 'key-registered', actor, data: valid });
  }

  /**
   * Refuses a key from now on, at every cassette.
   *
   * @param reason 1 to 500 characters; it goes on record
   */
  async revoke(id: string, reason: string, actor: Actor): Promise<void> {
    if (this.#known(id).revoked) {
      throw new AdministrationError('field-wrong', `The key "${id}" is revoked already.`);
    }
    await this.#record({ type: 'key-revoked', actor, data: { id, reason: reasonIn(reason) } });
  }

  /** Takes a revoked key again; as `revoke`. */
  async restore(id: string, reason: string, actor: Actor): Promise<void> {
    if (!this.#known(id).revoked) {
      throw new AdministrationError('field-wrong', `The key "${id}" is not revoked.`);
    }
    await this.#record({ type: 'key-restored', actor, data: { id, reason: reasonIn(reason) } });
  }

  #known(id: string): CassetteKey {
    const key = this.#thread.keys.find((each) => each.id === id);
    if (key) return key;
    throw new AdministrationError('credential-unknown', `There is no key "${id}".`);
  }

  async #record(event: KeyEvent): Promise<void> {
    const answer = await this.#thread.ask({ do: 'keys', event });
    if (answer.ok) return;
    throw new AdministrationError('field-wrong', 'The cassettes are not running; nothing was changed.');
  }
}

function reasonIn(text: string): string {
  const reason = text.trim().slice(0, LONGEST_REASON).toWellFormed();
  if (reason !== '') return reason;
  throw new AdministrationError('field-wrong', 'Say why; it goes on record.');
}

function viewOf({ rom, ...key }: CassetteKey): KeyView {
  const family = familyOf(rom).name;
  // A label reads check byte, serial number, family: what people compare is the end of the number.
  const ending = labelOf(rom).slice(-6, -2);
  return { ...key, ...(family !== undefined && { family }), ending };
}
