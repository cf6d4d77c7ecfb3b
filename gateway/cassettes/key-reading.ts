/** What a reader of keys sees, made into touches for its cassette. */
import {
  type ContactStep,
  contactDue,
  keySeen,
  keysGone,
  NO_CONTACT,
} from '../../domain/cassette/key-contact.ts';
import { type KeyRegister, keyOfRom } from '../../domain/cassette/key-register.ts';
import { type CassetteRefusal, cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import type { Cassette } from './cassette.ts';

export class KeyReading {
  readonly #reader: string;
  readonly #cassette: Cassette;
  readonly #repeats: boolean;
  readonly #keys: () => KeyRegister;
  readonly #clock: Clock;
  #contact = NO_CONTACT;
  #cancel: Unsubscribe = () => {};

  /** @param repeats whether the reader says again and again which key is held to it */
  constructor(options: {
    readonly reader: string;
    readonly cassette: Cassette;
    readonly repeats: boolean;
    readonly keys: () => KeyRegister;
    readonly clock: Clock;
  }) {
    this.#reader = options.reader;
    this.#cassette = options.cassette;
    this.#repeats = options.repeats;
    this.#keys = options.keys;
    this.#clock = options.clock;
  }

  /** @param rom 16 hex digits in the order of transmission, upper case, whether they are a ROM or not */
  seen(rom: string): CassetteRefusal | undefined {
    const at = this.#clock.monotonic();
    return this.#follow(keySeen(this.#contact, rom, at, this.#cassette.setting.contact, this.#repeats));
  }

  /** Something was at the reader that could not be read. */
  rejected(reason: 'checksum' | 'malformed'): void {
    const refusal = cassetteRefusal(reason === 'checksum' ? 'key-wrong-checksum' : 'key-not-read');
    this.#cassette.take({ input: 'key-fault', reader: this.#reader, refusal });
  }

  #touched(rom: string): CassetteRefusal | undefined {
    const known = keyOfRom(this.#keys(), rom);
    const expired = known?.validUntil !== undefined && this.#clock.now() >= known.validUntil;
    return this.#cassette.take({
      input: 'key',
      rom,
      reader: this.#reader,
      ...(known && { known }),
      ...(expired && { expired }),
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Answers why the last contact did nothing. */
  #follow({ state, contacts }: ContactStep): CassetteRefusal | undefined {
    this.#contact = state;
    let refused: CassetteRefusal | undefined;
    for (const contact of contacts) {
      if (contact.contact === 'touched') refused = this.#touched(contact.rom);
      else {
        const { rom, refusal } = contact;
        refused = this.#cassette.take({
          input: 'key-fault',
          reader: this.#reader,
          refusal,
          ...(rom !== undefined && { rom }),
        });
      }
    }
    this.#cancel();
    this.#cancel = () => {};
    const rule = this.#cassette.setting.contact;
    const due = contactDue(state, rule);
    if (due === undefined) return refused;
    const delay = Math.ceil(Math.max(0, due - this.#clock.monotonic()));
    this.#cancel = this.#clock.after(delay, () => {
      this.#follow(keysGone(this.#contact, this.#clock.monotonic(), this.#cassette.setting.contact));
    });
    return refused;
  }
}
