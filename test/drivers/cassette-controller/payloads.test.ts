import { expect } from 'chai';
import fc from 'fast-check';
import type { Led, SignalStep } from '../../../domain/cassette/signal.ts';
import { decodeRefusal, decodeSample, decodeWelcome } from '../../../drivers/cassette-controller/replies.ts';
import {
  encodeSampleRequest,
  encodeSignal,
  encodeSwitch,
  encodeTicket,
} from '../../../drivers/cassette-controller/requests.ts';
import { DriverError } from '../../../drivers/errors.ts';
import { VECTORS } from './vectors.ts';

const hex = (bytes: Buffer): string => bytes.toString('hex');

function errorOf(action: () => unknown): DriverError {
  try {
    action();
  } catch (error) {
    if (error instanceof DriverError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('Requests to a cassette controller', () => {
  it('carry numbers and switches byte for byte', () => {
    expect(hex(encodeSampleRequest(0))).to.equal('00000000');
    expect(hex(encodeSampleRequest(4_294_967_295))).to.equal('ffffffff');
    expect(hex(encodeTicket(1))).to.equal('00000001');
    expect(hex(encodeTicket(4_294_967_295))).to.equal('ffffffff');
    expect([hex(encodeSwitch(true)), hex(encodeSwitch(false))]).to.deep.equal(['01', '00']);
  });

  it('carry signals byte for byte', () => {
    const steps: SignalStep[] = [
      { led: 'off', tone: 0, lasts: 10 },
      { led: 'green', tone: 1, lasts: 60_000 },
      { led: 'amber', tone: 20_000, lasts: 256 },
      { led: 'red', tone: 440, lasts: 255 },
    ];
    const expected = '0104' + '000000000a' + '010001ea60' + '024e200100' + '0301b800ff';
    expect(hex(encodeSignal({ steps, repeat: true }))).to.equal(expected);
    const [first] = steps as [SignalStep];
    expect(hex(encodeSignal({ steps: [first], repeat: false }))).to.equal('0001000000000a');
    expect(encodeSignal({ steps: Array.from({ length: 16 }, () => first), repeat: true })).to.have.length(82);
  });

  const step = (change: object): SignalStep => ({ led: 'red' as Led, tone: 0, lasts: 100, ...change });
  for (const { name, make, value } of [
    { name: 'ticket 0', make: () => encodeTicket(0), value: '0' },
    { name: 'a ticket too high', make: () => encodeTicket(4_294_967_296), value: '4294967296' },
    { name: 'half a ticket', make: () => encodeTicket(1.5), value: '1.5' },
    { name: 'no ticket at all', make: () => encodeTicket(Number.NaN), value: 'NaN' },
    { name: 'a signal without steps', make: () => encodeSignal({ steps: [], repeat: true }), value: '0' },
    {
      name: 'a signal with 17 steps',
      make: () => encodeSignal({ steps: Array.from({ length: 17 }, () => step({})), repeat: true }),
      value: '17',
    },
    ...[{ tone: -1 }, { tone: 20_001 }, { lasts: 9 }, { lasts: 60_001 }, { lasts: 10.5 }].map((change) => ({
      name: `a step with ${JSON.stringify(change)}`,
      make: () => encodeSignal({ steps: [step(change)], repeat: true }),
      value: String(Object.values(change)[0]),
    })),
  ]) {
    it(`refuse ${name}`, () => {
      const error = errorOf(make);
      expect(error.code).to.equal('wrong-value');
      expect(error.message).to.include(` is ${value};`);
    });
  }
});

describe('Replies of a cassette controller', () => {
  const sample = VECTORS.find(({ name }) => name === 'sample')?.payload ?? Buffer.alloc(0);
  /** The same sample with other bytes from some place on. */
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(sample);
    copy.set(bytes, at);
    return copy;
  };
  const shortSample = Buffer.concat([sample.subarray(0, 24), Buffer.from([0, 0])]);

  it('say everything that a controller measures', () => {
    expect(decodeSample(sample)).to.deep.equal({
      number: 1,
      uptime: 60,
      readings: {
        lidOpen: true,
        brokenIn: false,
        shocks: [850, 12_000],
        displaced: false,
        gas: 0,
        tilt: 2,
        temperature: -5,
        inMachine: true,
        notes: 'present',
        battery: 'ok',
        power: 'mains',
        ink: 'low',
        trigger: 'ok',
        selfTest: 'passed',
        stainer: 'ready',
      },
      keys: ['01606CBF03000021'],
    });
  });

  it('have a contact active that is so now or was meanwhile', () => {
    const contacts = (active: number, latched: number): unknown => {
      const { lidOpen, brokenIn, displaced } = decodeSample(changed(8, active, latched))?.readings ?? {};
      return [lidOpen, brokenIn, displaced];
    };
    expect(contacts(0, 0)).to.deep.equal([false, false, false]);
    expect(contacts(1, 0)).to.deep.equal([true, false, false]);
    expect(contacts(0, 2)).to.deep.equal([false, true, false]);
    expect(contacts(4, 4)).to.deep.equal([false, false, true]);
    expect(contacts(7, 0)).to.deep.equal([true, true, true]);
  });

  const codes: readonly { at: number; field: string; values: readonly string[] }[] = [
    { at: 11, field: 'notes', values: ['unknown', 'absent', 'present'] },
    { at: 12, field: 'battery', values: ['unknown', 'ok', 'low', 'fault'] },
    { at: 13, field: 'power', values: ['unknown', 'mains', 'battery'] },
    { at: 14, field: 'ink', values: ['unknown', 'ok', 'low', 'fault'] },
    { at: 15, field: 'trigger', values: ['unknown', 'ok', 'low', 'fault'] },
    { at: 16, field: 'selfTest', values: ['not-run', 'passed', 'failed'] },
    { at: 17, field: 'stainer', values: ['inhibited', 'ready', 'prepared', 'fired', 'fault'] },
  ];
  for (const { at, field, values } of codes) {
    it(`have codes for ${field}, and no others`, () => {
      const read = values.map((_, code) => decodeSample(changed(at, code))?.readings);
      expect(read.map((readings) => ({ ...readings })[field as 'notes'])).to.deep.equal(values);
      expect(decodeSample(changed(at, values.length))).to.equal(undefined);
      expect(decodeSample(changed(at, 255))).to.equal(undefined);
    });
  }

  it('measure within bounds, or not at all', () => {
    const measured = (...bytes: number[]): unknown => {
      const readings = decodeSample(changed(18, ...bytes))?.readings;
      return readings && [readings.gas, readings.tilt, readings.light, readings.temperature];
    };
    expect(measured(15, 100, 180, 0xff, 0xff, 0x80)).to.deep.equal([100, 180, 65_535, -128]);
    expect(measured(15, 0, 0, 0, 0, 0x7f)).to.deep.equal([0, 0, 0, 127]);
    expect(measured(0, 0, 0, 0, 0, 0)).to.deep.equal([undefined, undefined, undefined, undefined]);
    expect(measured(15, 101, 0, 0, 0, 0), 'too much gas').to.equal(undefined);
    expect(measured(15, 0, 181, 0, 0, 0), 'beyond upside down').to.equal(undefined);
    expect(measured(16, 0, 0, 0, 0, 0), 'a sensor that nobody knows').to.equal(undefined);
    for (const absent of [1, 2, 4, 8]) {
      const values = [absent & 1 ? 1 : 0, absent & 2 ? 1 : 0, 0, absent & 4 ? 1 : 0, absent & 8 ? 1 : 0];
      expect(measured(15 & ~absent, ...values), 'a value of a sensor that is not there').to.equal(undefined);
      expect(measured(15, ...values)).to.not.equal(undefined);
    }
  });

  it('list up to sixteen blows and two keys', () => {
    const lists = (shocks: number, keys: number): Buffer =>
      Buffer.concat([
        sample.subarray(0, 24),
        Buffer.from([shocks]),
        Buffer.alloc(2 * shocks, 1),
        Buffer.from([keys]),
        Buffer.alloc(8 * keys),
      ]);
    expect(decodeSample(shortSample)?.readings.shocks).to.deep.equal([]);
    const most = decodeSample(lists(16, 2));
    expect(most?.readings.shocks).to.deep.equal(Array.from({ length: 16 }, () => 257));
    expect(most?.keys).to.deep.equal(['0000000000000000', '0000000000000000']);
    expect(decodeSample(lists(17, 0))).to.equal(undefined);
    expect(decodeSample(lists(0, 3))).to.equal(undefined);
  });

  it('are nothing with a byte more or less, or with a bit that nobody knows', () => {
    expect(decodeSample(Buffer.concat([sample, Buffer.alloc(1)]))).to.equal(undefined);
    expect(decodeSample(changed(8, 8))).to.equal(undefined);
    expect(decodeSample(changed(9, 0x80))).to.equal(undefined);
    expect(decodeSample(changed(10, 2))).to.equal(undefined);
    for (let length = 0; length < sample.length; length += 1) {
      expect(decodeSample(sample.subarray(0, length)), `${length} bytes`).to.equal(undefined);
    }
  });

  it('are read whatever they are, without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 96 }), (bytes) => {
        const payload = Buffer.from(bytes);
        expect(decodeSample(payload)?.readings.shocks.length ?? 0).to.be.at.most(16);
        expect(decodeWelcome(payload) === undefined).to.equal(payload.length !== 36);
        if (payload.length !== 1) expect(decodeRefusal(payload)).to.equal(undefined);
      }),
    );
  });

  it('say why a request is refused', () => {
    const reasons = Array.from({ length: 10 }, (_, code) => decodeRefusal(Buffer.from([code])));
    expect(reasons).to.deep.equal([
      undefined,
      'not-prepared',
      'wrong-ticket',
      'inhibited',
      'spent',
      'fault',
      'busy',
      'malformed',
      'unsupported',
      undefined,
    ]);
    expect(decodeRefusal(Buffer.alloc(0))).to.equal(undefined);
    expect(decodeRefusal(Buffer.from([1, 1]))).to.equal(undefined);
  });

  it('welcome with both nonces and the count of starts', () => {
    const welcome = VECTORS.find(({ name }) => name === 'welcome')?.payload ?? Buffer.alloc(0);
    const read = decodeWelcome(welcome);
    expect(read?.bootCount).to.equal(3);
    expect(read && hex(read.gatewayNonce) + hex(read.controllerNonce)).to.equal(hex(welcome.subarray(0, 32)));
    expect(decodeWelcome(welcome.subarray(1))).to.equal(undefined);
    expect(decodeWelcome(Buffer.concat([welcome, Buffer.alloc(1)]))).to.equal(undefined);
  });
});
