import { expect } from 'chai';
import fc from 'fast-check';
import { Bus } from '../../drivers/bus.ts';
import { driver } from '../../drivers/keypad/index.ts';
import { type KeypadEntry, KeypadParser } from '../../drivers/keypad/parser.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import { inChunks } from '../support/chunks.ts';
import { ManualClock } from '../support/manual-clock.ts';

const pin = (digits: string): KeypadEntry => ({ kind: 'pin', digits });
const MALFORMED: KeypadEntry = { kind: 'malformed' };

describe('Keypad parser', () => {
  const cases: readonly {
    keys: string;
    end?: '#' | 'CR' | 'either';
    entries: readonly KeypadEntry[];
    why: string;
  }[] = [
    { keys: '1234#', entries: [pin('1234')], why: 'an entry ended by #' },
    { keys: '1234\r', entries: [pin('1234')], why: 'an entry ended by CR' },
    { keys: '1234\r\n56#', entries: [pin('1234'), pin('56')], why: 'CR LF' },
    { keys: '12*34#', entries: [pin('34')], why: '* clears' },
    { keys: '12x*34#', entries: [pin('34')], why: '* clears a spoilt entry' },
    { keys: '#\r##', entries: [], why: 'end keys alone' },
    { keys: '1234567890123456#', entries: [pin('1234567890123456')], why: '16 digits' },
    { keys: '12345678901234567#9#', entries: [MALFORMED, pin('9')], why: '17 digits' },
    { keys: '12a4#9#', entries: [MALFORMED, pin('9')], why: 'a key that is no digit' },
    { keys: '\xff#9#', entries: [MALFORMED, pin('9')], why: 'noise' },
    { keys: '1#2\r', end: 'CR', entries: [MALFORMED], why: '# where only CR ends' },
    { keys: '1\r2#', end: '#', entries: [MALFORMED], why: 'CR where only # ends' },
    { keys: '1\n2#', end: '#', entries: [pin('12')], why: 'a line feed' },
  ];
  for (const { keys, end = 'either', entries, why } of cases) {
    it(`reads ${why}`, () => {
      expect(new KeypadParser(end).push(Buffer.from(keys, 'latin1'))).to.deep.equal(entries);
    });
  }

  it('keeps a bounded entry whatever is typed without end', () => {
    const parser = new KeypadParser('#');
    expect(parser.push(Buffer.alloc(1_000_000, '1'))).to.deep.equal([]);
    expect(parser.push(Buffer.from('#'))).to.deep.equal([MALFORMED]);
  });

  it('reads the same in any chunks, and nothing but 1 to 16 digits that were typed in a row', () => {
    const keys = fc.array(fc.constantFrom(...Array.from('0123456789*#\r\nA')), { maxLength: 60 });
    fc.assert(
      fc.property(keys, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (typed, sizes) => {
        const bytes = Buffer.from(typed.join(''));
        const parser = new KeypadParser('either');
        const entries = inChunks(bytes, sizes).flatMap((chunk) => parser.push(chunk));
        expect(entries).to.deep.equal(new KeypadParser('either').push(bytes));
        for (const entry of entries) {
          if (entry.kind === 'pin') expect(entry.digits).to.match(/^\d{1,16}$/);
          if (entry.kind === 'pin') expect(typed.join('').replaceAll('\n', '')).to.include(entry.digits);
        }
      }),
    );
  });
});

describe('Keypad', () => {
  it('forgets what somebody left behind after 30 seconds without a key', async () => {
    const clock = new ManualClock();
    const flow = new FlowTransport();
    flow.connect(() => {});
    const bus = new Bus({ id: 'k', transport: flow, clock });
    const keypad = driver.create({ id: 'k1', bus, settings: {}, clock });
    const pins: string[] = [];
    keypad.start({ scanned: ({ value }) => pins.push(value), rejected: () => {} });
    bus.start();
    await clock.advance(0);
    const type = (keys: string): void => flow.receive(Buffer.from(keys));
    type('12');
    await clock.advance(29_999);
    type('3');
    await clock.advance(29_999);
    type('4#');
    type('99');
    await clock.advance(30_000);
    type('5678#');
    expect(pins).to.deep.equal(['1234', '5678']);
    type('1');
    await keypad.stop();
    await bus.stop();
    expect(clock.pending).to.equal(0);
  });

  it('refuses an entry during which the line was away, since keys of it may be missing', async () => {
    const clock = new ManualClock();
    const flow = new FlowTransport();
    const leave = flow.connect(() => {});
    const bus = new Bus({ id: 'k', transport: flow, clock });
    const keypad = driver.create({ id: 'k1', bus, settings: {}, clock });
    const pins: string[] = [];
    const rejected: string[] = [];
    keypad.start({ scanned: ({ value }) => pins.push(value), rejected: (reason) => rejected.push(reason) });
    bus.start();
    await clock.advance(0);
    const type = (keys: string): void => flow.receive(Buffer.from(keys));
    type('12');
    leave();
    flow.connect(() => {});
    await clock.advance(1_000);
    expect(bus.health.state).to.equal('connected');
    type('56#');
    type('4711#');
    expect(pins).to.deep.equal(['4711']);
    expect(rejected).to.deep.equal(['malformed']);
    await keypad.stop();
    await bus.stop();
  });
});
