import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Contact,
  type ContactState,
  contactDue,
  keySeen,
  keysGone,
  NO_CONTACT,
} from '../../../domain/cassette/key-contact.ts';
import { CASSETTE_DEFAULTS } from '../../../domain/cassette/setting.ts';
import { romOf, romText } from '../../../domain/one-wire.ts';
import { K1, K2, UNKNOWN_ROM } from './machine.ts';

const { contact: RULE } = CASSETTE_DEFAULTS;
const A = K1.rom;
const B = K2.rom;

type Word = readonly [rom: string, at: number];

/** What comes of the words of a reader, with its time told as it falls due. */
class Reader {
  state: ContactState = NO_CONTACT;
  readonly contacts: { readonly at: number; readonly contact: Contact }[] = [];
  readonly #repeats: boolean;

  constructor(repeats: boolean) {
    this.#repeats = repeats;
  }

  says(rom: string, at: number): void {
    this.passes(at);
    this.#keep(keySeen(this.state, rom, at, RULE, this.#repeats), at);
  }

  passes(until: number): void {
    const due = contactDue(this.state, RULE);
    if (due === undefined || due > until) return;
    this.#keep(keysGone(this.state, due, RULE), due);
    expect(contactDue(this.state, RULE)).to.equal(undefined);
  }

  #keep(step: { readonly state: ContactState; readonly contacts: readonly Contact[] }, at: number): void {
    this.state = step.state;
    for (const contact of step.contacts) this.contacts.push({ at, contact });
  }

  get told(): readonly string[] {
    return this.contacts.map(({ at, contact }) => {
      const name = { [A]: 'A', [B]: 'B' }[contact.rom] ?? contact.rom;
      return contact.contact === 'touched'
        ? `${at} ${name} touched`
        : `${at} ${name} ${contact.refusal.code}`;
    });
  }
}

function read(words: readonly Word[], repeats = true, until = 60_000): readonly string[] {
  const reader = new Reader(repeats);
  for (const [rom, at] of words) reader.says(rom, at);
  reader.passes(until);
  return reader.told;
}

/** A key held for a while at a reader that says so ten times a second. */
function held(rom: string, from: number, lasts: number): readonly Word[] {
  return Array.from({ length: lasts / 100 + 1 }, (_none, word) => [rom, from + word * 100] as const);
}

describe('a key at a reader that repeats', () => {
  it('counts after 500 ms of contact, once, however long it stays', () => {
    expect(read(held(A, 0, 400))).to.deep.equal(['700 A key-contact-short']);
    expect(read(held(A, 0, 500))).to.deep.equal(['500 A touched']);
    expect(read(held(A, 0, 20_000))).to.deep.equal(['500 A touched']);
  });

  it('counts again two seconds after it left, not before', () => {
    expect(read([...held(A, 0, 500), ...held(A, 2_500, 500)])).to.deep.equal([
      '500 A touched',
      '3000 A touched',
    ]);
    expect(read([...held(A, 0, 500), ...held(A, 2_400, 500)])).to.deep.equal([
      '500 A touched',
      '2400 A key-too-soon',
    ]);
  });

  it('that comes too soon is refused once, and its time begins anew', () => {
    const words = [
      ...held(A, 0, 500),
      ...held(A, 1_000, 3_000),
      ...held(A, 5_900, 500),
      ...held(A, 8_400, 500),
    ];
    expect(read(words)).to.deep.equal([
      '500 A touched',
      '1000 A key-too-soon',
      '5900 A key-too-soon',
      '8900 A touched',
    ]);
  });

  it('has not left for gaps of less than 300 ms', () => {
    expect(
      read([
        [A, 0],
        [A, 299],
        [A, 500],
      ]),
    ).to.deep.equal(['500 A touched']);
    expect(
      read([
        [A, 0],
        [A, 300],
        [A, 500],
      ]),
    ).to.deep.equal(['300 A key-contact-short', '800 A key-contact-short']);
  });

  it('that bounces is refused each time, and never counts', () => {
    const bounces = Array.from({ length: 20 }, (_none, time) => [A, time * 350] as const);
    const told = read(bounces);
    expect(told).to.have.length(20);
    expect(new Set(told.map((each) => each.split(' ')[2]))).to.deep.equal(new Set(['key-contact-short']));
  });

  it('is not slowed down by another key before it', () => {
    expect(read([...held(A, 0, 500), ...held(B, 900, 500)])).to.deep.equal([
      '500 A touched',
      '1400 B touched',
    ]);
  });

  it('is refused together with another one at the same time: both, on record, until both are lifted', () => {
    const words = Array.from({ length: 40 }, (_none, word) => [word % 2 === 0 ? A : B, word * 100] as const);
    expect(read(words)).to.deep.equal(['100 A two-keys', '100 B two-keys']);
  });

  it('that has counted is left alone by another that joins it, which is refused', () => {
    const words = [...held(A, 0, 500), [B, 600] as const, [A, 700] as const, [B, 800] as const];
    expect(read(words)).to.deep.equal(['500 A touched', '600 B two-keys']);
  });

  it('counts no sooner because another one joined it', () => {
    const words = [...held(A, 0, 500), [B, 600] as const, ...held(A, 1_000, 600), ...held(B, 2_000, 600)];
    expect(read(words)).to.deep.equal([
      '500 A touched',
      '600 B two-keys',
      '1000 A key-too-soon',
      '2000 B key-too-soon',
    ]);
  });

  it('is refused with whatever else the wire makes up, within bounds', () => {
    const made = Array.from({ length: 30 }, (_none, n) =>
      `01${n.toString(16).padStart(14, '0')}`.toUpperCase(),
    );
    const words = made.map((rom, word) => [rom, word * 10] as const);
    expect(read(words)).to.have.length(4);
  });
});

describe('a key at a reader that tells of it once', () => {
  it('counts with that word', () => {
    expect(read([[A, 0]], false)).to.deep.equal(['0 A touched']);
  });

  it('counts again two seconds later, and is refused in between; a bounce is the same word', () => {
    const words: Word[] = [
      [A, 0],
      [A, 50],
      [A, 1_000],
      [A, 2_999],
      [A, 5_000],
    ];
    expect(read(words, false)).to.deep.equal([
      '0 A touched',
      '1000 A key-too-soon',
      '2999 A key-too-soon',
      '5000 A touched',
    ]);
  });

  it('is on record when another one is told of right after it', () => {
    const words: Word[] = [
      [A, 0],
      [B, 100],
    ];
    expect(read(words, false)).to.deep.equal(['0 A touched', '100 B two-keys']);
  });
});

describe('what is no key', () => {
  for (const repeats of [true, false]) {
    it(`is refused at once, with what was read (${repeats ? 'repeated' : 'once'})`, () => {
      expect(read([['01FA525810000010', 0]], repeats)).to.deep.equal([
        '0 01FA525810000010 key-wrong-checksum',
      ]);
      expect(read([['0000000000000000', 0]], repeats)).to.deep.equal(['0 0000000000000000 key-all-zero']);
      expect(read([['01606CBF030000', 0]], repeats)).to.deep.equal(['0 01606CBF030000 key-wrong-checksum']);
    });
  }

  it('is refused once while it stays', () => {
    expect(read(held('0000000000000000', 0, 2_000))).to.deep.equal(['0 0000000000000000 key-all-zero']);
  });

  it('makes a key doubtful that is there at the same time', () => {
    const words = [[A, 0] as const, ['01FA525810000010', 100] as const, ...held(A, 200, 1_000)];
    expect(read(words)).to.deep.equal(['100 A two-keys', '100 01FA525810000010 key-wrong-checksum']);
  });

  it('is not a good ROM of a family that nobody knows: whether it is registered is asked elsewhere', () => {
    const rom = romText(romOf(0x69, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    expect(read(held(rom, 0, 500))).to.deep.equal([`500 ${rom} touched`]);
  });
});

describe('any sequence of words of a reader', () => {
  const words = fc.array(
    fc.record({
      rom: fc.constantFrom(A, A, A, B, UNKNOWN_ROM, '0000000000000000'),
      after: fc.oneof(fc.integer({ min: 0, max: 320 }), fc.integer({ min: 0, max: 3_000 })),
    }),
    { maxLength: 80 },
  );

  it('makes no two touches of one key within two seconds off the reader, and none below 500 ms', () => {
    fc.assert(
      fc.property(words, fc.boolean(), (said, repeats) => {
        const reader = new Reader(repeats);
        const seen: { rom: string; at: number }[] = [];
        let at = 0;
        for (const { rom, after } of said) {
          at += after;
          reader.says(rom, at);
          seen.push({ rom, at });
        }
        const touches = reader.contacts.filter(({ contact }) => contact.contact === 'touched');
        for (const [place, touch] of touches.entries()) {
          const { rom } = touch.contact;
          const before = touches.slice(0, place).findLast((each) => each.contact.rom === rom);
          const words = seen.filter((each) => each.rom === rom && each.at <= touch.at);
          if (repeats) {
            // Without a gap, and alone, for as long as it takes.
            const since = words.findLastIndex(
              (each, word) => each.at - (words[word - 1]?.at ?? -Infinity) >= 300,
            );
            const from = words[since]?.at ?? Infinity;
            expect(touch.at - from).to.be.at.least(RULE.lasts);
            const others = seen.filter((each) => each.rom !== rom && each.at >= from && each.at <= touch.at);
            expect(others.filter((each) => each.at > from)).to.deep.equal([]);
          }
          if (!before) continue;
          expect(touch.at - before.at).to.be.at.least(RULE.againAfter);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves a state within bounds, which falls quiet by itself', () => {
    fc.assert(
      fc.property(words, fc.boolean(), (said, repeats) => {
        const reader = new Reader(repeats);
        let at = 0;
        for (const { rom, after } of said) {
          at += after;
          reader.says(rom, at);
        }
        reader.passes(at + RULE.goneAfter);
        expect(reader.state.held).to.equal(undefined);
        expect(contactDue(reader.state, RULE)).to.equal(undefined);
        const left = keysGone(reader.state, at + 60_000, RULE);
        expect(left).to.deep.equal({ state: NO_CONTACT, contacts: [] });
      }),
    );
  });

  it('has an answer for every time that a key is held to it', () => {
    fc.assert(
      fc.property(words, fc.boolean(), (said, repeats) => {
        const reader = new Reader(repeats);
        let at = 0;
        let told = 0;
        const present = new Set<string>();
        for (const { rom, after } of [...said, { rom: A, after: RULE.goneAfter }]) {
          at += after;
          if (after >= RULE.goneAfter) {
            reader.passes(at);
            const answered = reader.contacts.slice(told).map(({ contact }) => contact.rom);
            expect(answered).to.include.members([...present]);
            expect(answered).to.have.length(present.size);
            present.clear();
            told = reader.contacts.length;
          }
          present.add(rom);
          reader.says(rom, at);
        }
      }),
    );
  });
});
