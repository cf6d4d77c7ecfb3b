import type { Readings } from '../../domain/cassette/readings.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import type { Timers } from '../simulator.ts';
import type { CassetteControllerEvent, CassetteControllerOptions, RequestName } from './options.ts';
import { Sensors } from './sensors.ts';
import { readSignal, SignalPlayer } from './signal-player.ts';
import { type OrderResult, Stainer } from './stainer.ts';

const SAMPLE = 0x82;
const DONE = 0x83;
const REFUSED = 0x84;
const REFUSAL_CODES = {
  'not-prepared': 1,
  'wrong-ticket': 2,
  inhibited: 3,
  spent: 4,
  fault: 5,
  busy: 6,
  malformed: 7,
  unsupported: 8,
} as const;
type Answer = OrderResult | keyof typeof REFUSAL_CODES;

/** What hangs on a controller, and what it does with it when it is told to. */
export class Device {
  /** How often it has fired. */
  firings = 0;
  antiGasOn = false;
  readonly sensors: Sensors;
  readonly stainer: Stainer;
  readonly player: SignalPlayer;
  readonly #timers: Timers;
  readonly #selfTestMilliseconds: number;
  readonly #tell: (event: CassetteControllerEvent) => void;
  #startedAt = performance.now();
  #cancelSelfTest: Unsubscribe | undefined;

  constructor(
    options: Required<CassetteControllerOptions>,
    timers: Timers,
    tell: (event: CassetteControllerEvent) => void,
  ) {
    this.#timers = timers;
    this.#selfTestMilliseconds = options.selfTestMilliseconds;
    this.#tell = tell;
    this.sensors = new Sensors(options.blowMilliseconds);
    this.stainer = new Stainer({
      timers,
      inhibited: options.inhibited,
      preparedMilliseconds: options.preparedMilliseconds,
      changed: (state) => tell({ type: 'stainer', state }),
      fired: (ticket) => {
        this.firings += 1;
        tell({ type: 'fired', ticket });
      },
    });
    this.player = new SignalPlayer(timers, (shown) => tell({ type: 'shown', shown }));
    this.player.begin();
  }

  /** Power was off. */
  restart(): void {
    this.#abortSelfTest();
    this.sensors.restart();
    this.#startedAt = performance.now();
    this.#switchAntiGas(false);
    this.player.begin();
  }

  /** Carries out a request that is believed; returns type and payload of the reply. */
  carryOut(name: RequestName | undefined, payload: Buffer): { type: number; payload: Buffer } {
    if (name === 'sample') {
      if (payload.length !== 4) return replyTo('malformed');
      const uptime = Math.floor((performance.now() - this.#startedAt) / 1_000);
      return {
        type: SAMPLE,
        payload: this.sensors.sample(payload.readUInt32BE(), uptime, this.stainer.state),
      };
    }
    return replyTo(this.#order(name, payload));
  }

  #order(name: RequestName | undefined, payload: Buffer): Answer {
    switch (name) {
      case 'prepare':
      case 'fire': {
        const ticket = payload.length === 4 ? payload.readUInt32BE() : 0;
        if (ticket === 0) return 'malformed';
        if (name === 'fire') return this.stainer.fire(ticket);
        this.#abortSelfTest();
        return this.stainer.prepare(ticket);
      }
      case 'inhibit':
      case 'anti-gas': {
        const [on = 2] = payload;
        if (payload.length !== 1 || on > 1) return 'malformed';
        if (name === 'inhibit') this.stainer.setInhibited(on === 1);
        else this.#switchAntiGas(on === 1);
        return 'done';
      }
      case 'signal': {
        const pattern = readSignal(payload);
        if (pattern === undefined) return 'malformed';
        this.player.play(pattern);
        return 'done';
      }
      case 'self-test':
        return payload.length === 0 ? this.#beginSelfTest() : 'malformed';
      case 'hello':
      case 'sample':
      case undefined:
        return 'unsupported';
    }
  }

  #beginSelfTest(): Answer {
    // Nothing keeps a stainer from firing that is about to.
    if (this.stainer.state === 'prepared') return 'busy';
    this.#abortSelfTest();
    this.#setSelfTest('not-run');
    this.#cancelSelfTest = this.#timers.after(this.#selfTestMilliseconds, () => {
      this.#cancelSelfTest = undefined;
      const { battery, ink, trigger } = this.sensors.now;
      const failed = [battery, ink, trigger].includes('fault') || this.stainer.state === 'fault';
      this.#setSelfTest(failed ? 'failed' : 'passed');
    });
    return 'done';
  }

  #abortSelfTest(): void {
    this.#cancelSelfTest?.();
    this.#cancelSelfTest = undefined;
  }

  #setSelfTest(result: Readings['selfTest']): void {
    if (this.sensors.selfTest === result) return;
    this.sensors.selfTest = result;
    this.#tell({ type: 'self-test', result });
  }

  #switchAntiGas(on: boolean): void {
    if (this.antiGasOn === on) return;
    this.antiGasOn = on;
    this.#tell({ type: 'anti-gas', on });
  }
}

function replyTo(answer: Answer): { type: number; payload: Buffer } {
  if (answer === 'done') return { type: DONE, payload: Buffer.alloc(0) };
  return { type: REFUSED, payload: Buffer.from([REFUSAL_CODES[answer]]) };
}
