import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LoggedEvent } from '../../../domain/event.ts';
import {
  canonical,
  EMPTY_STREAM,
  flawOf,
  GENESIS,
  hashOf,
  type StreamHead,
  seal,
} from '../../../gateway/event-log/chain.ts';
import { chainOf, draft } from '../support/chains.ts';

describe('the canonical form', () => {
  // The examples of RFC 8785, section 3.2.2 to 3.2.4 and appendix B.
  const VECTORS: readonly (readonly [string, unknown, string])[] = [
    [
      'literals, numbers and escapes',
      {
        numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
        string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
        literals: [null, true, false],
      },
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    ],
    [
      'members sorted by UTF-16 code units, not by code points',
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\ud83d\ude00":5,"\ufb33":3}',
    ],
    ['minus zero', -0, '0'],
    ['the smallest number', 5e-324, '5e-324'],
    ['the largest number', 1.7976931348623157e308, '1.7976931348623157e+308'],
    ['the largest safe whole number', 9007199254740991, '9007199254740991'],
    ['where exponents begin', [1e20, 1e21, 1e-6, 1e-7], '[100000000000000000000,1e+21,0.000001,1e-7]'],
    ['empty things', [{}, [], ''], '[{},[],""]'],
    ['undefined members', { a: undefined, b: { c: undefined, d: 1 } }, '{"b":{"d":1}}'],
    ['members whose names look like numbers', { '10': 'a', '9': 'b' }, '{"10":"a","9":"b"}'],
  ];
  for (const [name, value, expected] of VECTORS) {
    it(`of ${name}`, () => expect(canonical(value)).to.equal(expected));
  }

  const REFUSED: readonly (readonly [string, unknown])[] = [
    ['NaN', Number.NaN],
    ['infinity', { deep: [Number.POSITIVE_INFINITY] }],
    ['a function', { call: () => 1 }],
    ['a symbol', Symbol('x')],
    ['a big integer', 1n],
    ['undefined in a list', [1, undefined]],
    ['a date', { at: new Date(0) }],
    ['a map', { map: new Map([[1, 2]]) }],
    ['half a character', { reason: '\ud800' }],
    ['half a character in a name', { '\udc00': 1 }],
  ];
  for (const [name, value] of REFUSED) {
    it(`refuses ${name}`, () => expect(() => canonical(value)).to.throw(TypeError, 'An event cannot hold'));
  }

  it('does not depend on the order in which members were written, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const there = reversed(value);
        expect(canonical(there)).to.equal(canonical(value));
        // JSON knows no minus zero, and what is read back is the same once more.
        expect(canonical(JSON.parse(canonical(value)))).to.equal(canonical(value));
      }),
    );
  });
});

describe('sealing', () => {
  it('gives an event its place, its time and the hash of all of it', () => {
    const event = seal('cabinet/A', EMPTY_STREAM, draft(1), Date.UTC(2026, 1, 3, 4, 5, 6, 7));
    expect(event).to.deep.equal({
      stream: 'cabinet/A',
      seq: 1,
      at: '2026-02-03T04:05:06.007Z',
      type: 'tested',
      actor: { kind: 'gateway', id: 'gateway' },
      data: { number: 1 },
      prev: GENESIS,
      hash: createHash('sha256')
        .update(
          `{"actor":{"id":"gateway","kind":"gateway"},"at":"2026-02-03T04:05:06.007Z","data":{"number":1},"prev":"${GENESIS}","seq":1,"stream":"cabinet/A","type":"tested"}`,
        )
        .digest('hex'),
    });
  });

  it('links every event to the one before it', () => {
    const events = chainOf('cabinet/A', 5);
    expect(events.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(events.slice(1).map(({ prev }) => prev)).to.deep.equal(
      events.slice(0, -1).map(({ hash }) => hash),
    );
    expect(flawsIn(events)).to.equal(undefined);
  });
});

describe('tampering with a chain', () => {
  const CHAIN = chainOf('cabinet/A', 8);

  it('is found in any field of any event', () => {
    const changes = fc.oneof(
      fc.tuple(fc.constant('stream'), fc.string()),
      fc.tuple(fc.constant('seq'), fc.integer()),
      fc.tuple(
        fc.constant('at'),
        fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.toISOString()),
      ),
      fc.tuple(fc.constant('type'), fc.string()),
      fc.tuple(fc.constant('actor'), fc.record({ kind: fc.constant('user'), id: fc.string() })),
      fc.tuple(fc.constant('data'), fc.jsonValue()),
      fc.tuple(fc.constantFrom('prev', 'hash'), fc.stringMatching(/^[0-9a-f]{64}$/)),
    );
    fc.assert(
      fc.property(fc.nat(CHAIN.length - 1), changes, (index, [field, value]) => {
        const changed = { ...CHAIN[index], [field]: value } as LoggedEvent;
        fc.pre(JSON.stringify(changed) !== JSON.stringify(CHAIN[index]));
        expect(flawsIn(CHAIN.with(index, changed))).to.be.a('string');
      }),
    );
  });

  it('is found although the hash of the changed event was made anew, by whatever follows it', () => {
    fc.assert(
      fc.property(fc.nat(CHAIN.length - 2), fc.string(), (index, type) => {
        const event = CHAIN[index] as LoggedEvent;
        fc.pre(type !== event.type);
        const changed = { ...event, type };
        const forged = { ...changed, hash: hashOf(changed) };
        expect(flawsIn(CHAIN.with(index, forged))).to.equal('it does not follow from the event before it');
      }),
    );
  });

  it('is found where an event was taken out, put twice, put in, or put elsewhere', () => {
    const place = fc.nat(CHAIN.length - 1);
    fc.assert(
      fc.property(place, place, (one, other) => {
        // Without a snapshot, only the end of a chain can be cut off unseen.
        if (one < CHAIN.length - 1) expect(flawsIn(CHAIN.toSpliced(one, 1))).to.be.a('string');
        expect(flawsIn(CHAIN.toSpliced(one, 0, CHAIN[one] as LoggedEvent))).to.be.a('string');
        const stranger = chainOf('cabinet/B', one + 1).at(-1) as LoggedEvent;
        expect(flawsIn(CHAIN.toSpliced(one, 0, stranger))).to.be.a('string');
        fc.pre(one !== other);
        const swapped = CHAIN.with(one, CHAIN[other] as LoggedEvent).with(other, CHAIN[one] as LoggedEvent);
        expect(flawsIn(swapped)).to.be.a('string');
      }),
    );
  });

  it('says what is wrong', () => {
    const [first, second, third] = CHAIN as [LoggedEvent, LoggedEvent, LoggedEvent];
    expect(flawOf(second, EMPTY_STREAM)).to.equal('number 1 is missing');
    expect(flawOf({ ...second, prev: third.hash }, first)).to.equal(
      'it does not follow from the event before it',
    );
    const changed = 'its content was changed after it was written';
    expect(flawOf({ ...second, data: {} }, first)).to.equal(changed);
    expect(flawOf({ ...second, data: { at: new Date(0) } }, first)).to.equal(changed);
    expect(flawOf({ ...second, data: { count: Number.NaN } }, first)).to.equal(changed);
  });
});

/** The first flaw of a chain from its beginning. */
function flawsIn(events: readonly LoggedEvent[]): string | undefined {
  let head: StreamHead = EMPTY_STREAM;
  for (const event of events) {
    const flaw = flawOf(event, head);
    if (flaw !== undefined) return flaw;
    head = event;
  }
  return undefined;
}

/** The same value with the members of every object written in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
