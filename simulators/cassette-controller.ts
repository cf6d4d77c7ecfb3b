import type { KeyObject } from 'node:crypto';
import type { PartState, Readings, StainerState } from '../domain/cassette/readings.ts';
import type { SignalPattern } from '../domain/cassette/signal.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import { Device } from './cassette-controller/device.ts';
import {
  type CassetteControllerEvent,
  type CassetteControllerOptions,
  REQUEST_NAMES,
  type RecordedRequest,
  type RequestName,
  type Spoiling,
} from './cassette-controller/options.ts';
import { Replies } from './cassette-controller/replies.ts';
import type { Contact, Measurements } from './cassette-controller/sensors.ts';
import { Sessions } from './cassette-controller/sessions.ts';
import type { Shown } from './cassette-controller/signal-player.ts';
import { Receiver, type WireFrame } from './cassette-controller/wire.ts';
import { SimulatedLine, type Simulator, Timers } from './simulator.ts';

const MOST_REQUESTS_KEPT = 1_000;

/**
 * A cassette with its controller, as docs/cassette-protocol.md has it: sensors, stainer, key reader, LEDs and buzzer,
 * anti-gas output. It is written apart from the driver, so that the two prove each other.
 */
export class CassetteControllerSimulator implements Simulator {
  /** The last 1000 requests to its address that came in whole, oldest first. */
  readonly requests: RecordedRequest[] = [];
  readonly #options: Required<CassetteControllerOptions>;
  readonly #line = new SimulatedLine();
  readonly #timers = new Timers();
  readonly #listeners = new Set<(event: CassetteControllerEvent) => void>();
  readonly #receiver = new Receiver();
  readonly #sessions: Sessions;
  readonly #device: Device;
  readonly #replies: Replies;
  #silent = false;
  #receivedAt = 0;
  #cancelLinkLoss: Unsubscribe | undefined;

  constructor(options: CassetteControllerOptions) {
    this.#options = {
      address: 1,
      inhibited: true,
      replyMilliseconds: 0,
      preparedMilliseconds: 2_000,
      linkLossMilliseconds: 3_000,
      blowMilliseconds: 3_000,
      selfTestMilliseconds: 200,
      idleMilliseconds: 20,
      echo: false,
      ...options,
    };
    this.#sessions = new Sessions(this.#options.address, options.key);
    this.#device = new Device(this.#options, this.#timers, (event) => this.#tell(event));
    this.#replies = new Replies(this.#line, this.#timers, this.#options.replyMilliseconds);
  }

  /** Lines that are connected. */
  get connections(): number {
    return this.#line.connections;
  }

  /** Bytes that came in and belonged to no frame. */
  get garbage(): number {
    return this.#receiver.garbage;
  }

  /** How often it has fired. */
  get firings(): number {
    return this.#device.firings;
  }

  /** Whether a gateway leads: it has a session, and was heard in it lately. */
  get linked(): boolean {
    return this.#sessions.active;
  }

  get stainer(): StainerState {
    return this.#device.stainer.state;
  }

  /** What is seen and heard at this moment. */
  get shown(): Shown {
    return this.#device.player.shown;
  }

  /** The pattern that the gateway ordered and that plays while it leads; undefined before the first. */
  get signalled(): SignalPattern | undefined {
    return this.#device.player.ordered;
  }

  get antiGasOn(): boolean {
    return this.#device.antiGasOn;
  }

  get selfTest(): Readings['selfTest'] {
    return this.#device.sensors.selfTest;
  }

  /** The last 1000 replies, whole, whatever became of them on the line; oldest first. */
  get replies(): readonly Buffer[] {
    return this.#replies.sent;
  }

  /** Hears of everything that a bystander would notice. */
  on(listener: (event: CassetteControllerEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  openLid(): void {
    this.#contact('lid', true);
  }

  closeLid(): void {
    this.#contact('lid', false);
  }

  /** Somebody drills or forces the shell: its loop is interrupted. */
  breakIn(): void {
    this.#contact('break-in', true);
  }

  /** A workshop closes the loop again. */
  repairShell(): void {
    this.#contact('break-in', false);
  }

  /** The cassette is moved away from its place in the machine. */
  displace(): void {
    this.#contact('position', true);
  }

  /** It is put back to its place. */
  putBack(): void {
    this.#contact('position', false);
  }

  /** @param milliG the peak of acceleration, 0 to 65535 */
  blow(milliG: number): void {
    this.#device.sensors.blow(milliG);
    this.#tell({ type: 'blow', milliG });
  }

  /** @param percent of the lower explosive limit, 0 to 100; undefined: there is no such sensor */
  setGas(percent: number | undefined): void {
    this.#measure('gas', percent);
  }

  /** @param degrees from upright, 0 to 180 */
  setTilt(degrees: number | undefined): void {
    this.#measure('tilt', degrees);
  }

  /** @param lux 0 to 65535 */
  setLight(lux: number | undefined): void {
    this.#measure('light', lux);
  }

  /** @param celsius −128 to 127 */
  setTemperature(celsius: number | undefined): void {
    this.#measure('temperature', celsius);
  }

  /** Somebody puts the cassette into the machine. */
  insert(): void {
    this.#measure('inMachine', true);
  }

  /** Somebody takes it out, without a blow and without a displacement: as the person with the key does. */
  remove(): void {
    this.#measure('inMachine', false);
  }

  setNotes(notes: Readings['notes']): void {
    this.#measure('notes', notes);
  }

  setBattery(state: PartState): void {
    this.#measure('battery', state);
  }

  setPower(power: Readings['power']): void {
    this.#measure('power', power);
  }

  setInk(state: PartState): void {
    this.#measure('ink', state);
  }

  /** Continuity of the firing circuit. */
  setTrigger(state: PartState): void {
    this.#measure('trigger', state);
  }

  /** The stainer cannot be charged. */
  setStainerFault(faulty: boolean): void {
    this.#device.stainer.setFaulty(faulty);
  }

  /** A workshop replaces what was fired. */
  replaceStainer(): void {
    this.#device.stainer.replace();
  }

  /**
   * Somebody holds a key to the reader, until `leaveKey`. The bytes may be no valid ROM. Two at most: a third one takes
   * the place of the second.
   *
   * @param rom sixteen hex digits in the order of transmission
   */
  touchKey(rom: string): void {
    if (!/^[0-9A-Fa-f]{16}$/.test(rom)) throw new RangeError(`A ROM has sixteen hex digits, not "${rom}".`);
    const upper = rom.toUpperCase();
    this.#setKeys([...this.#device.sensors.keys.filter((each) => each !== upper).slice(0, 1), upper]);
  }

  /** Takes that key away; without an argument, every key. */
  leaveKey(rom?: string): void {
    this.#setKeys(
      rom === undefined ? [] : this.#device.sensors.keys.filter((each) => each !== rom.toUpperCase()),
    );
  }

  /** A silent controller neither hears nor replies: its wire is cut. What it does by itself goes on. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
  }

  /** Spoils the next `count` replies, or only those to requests of one name. The requests are carried out. */
  spoilReplies(how: Spoiling, count = 1, to?: RequestName): void {
    this.#replies.spoil(how, count, to);
  }

  /** No reply is spoilt any more. */
  spoilNothing(): void {
    this.#replies.spoilNothing();
  }

  /** Gives it another pairing key, as a swapped controller has it. */
  setKey(key: KeyObject): void {
    this.#sessions.pairingKey = key;
    this.#unlink();
  }

  /** Power is off and on again. What stays is what is mechanical, and whether the trigger is cut off. */
  restart(): void {
    this.#unlink();
    this.#sessions.bootCount += 1;
    this.#device.restart();
  }

  /** Puts any bytes on the line, such as a reply that was recorded. */
  sendRaw(bytes: Buffer): void {
    this.#line.send(bytes);
  }

  receive(bytes: Buffer): void {
    if (this.#options.echo) this.#line.send(bytes);
    if (this.#silent) return;
    const now = performance.now();
    if (now - this.#receivedAt > this.#options.idleMilliseconds) this.#receiver.quiet();
    this.#receivedAt = now;
    for (const frame of this.#receiver.take(bytes)) this.#hear(frame);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.#line.connect(send);
  }

  close(): void {
    this.#timers.close();
  }

  #hear(frame: WireFrame): void {
    // The highest bit says that another controller speaks.
    if (frame.address !== this.#options.address || frame.type >= 0x80) return;
    const name = REQUEST_NAMES[frame.type - 1];
    if (name !== undefined) {
      this.requests.push({ name, bytes: frame.bytes });
      if (this.requests.length > MOST_REQUESTS_KEPT) this.requests.shift();
    }
    const verdict = this.#sessions.judge(frame);
    if (verdict.what === 'reply') this.#replies.send(verdict.reply, name);
    else if (verdict.what === 'carry-out') {
      if (verdict.begins) this.#link();
      this.#expectNext();
      const { type, payload } = this.#device.carryOut(name, frame.payload);
      this.#replies.send(verdict.seal(type, payload), name);
    }
  }

  /** A session begins: nothing that was prepared in another one counts in it. */
  #link(): void {
    this.#device.stainer.fallBack();
    this.#device.player.setLed(true);
    this.#tell({ type: 'linked', up: true });
  }

  #expectNext(): void {
    this.#cancelLinkLoss?.();
    this.#cancelLinkLoss = this.#timers.after(this.#options.linkLossMilliseconds, () => this.#unlink());
  }

  #unlink(): void {
    const { linked } = this;
    this.#cancelLinkLoss?.();
    this.#sessions.end();
    this.#device.stainer.fallBack();
    this.#device.player.setLed(false);
    if (linked) this.#tell({ type: 'linked', up: false });
  }

  #contact(contact: Contact, active: boolean): void {
    if (this.#device.sensors.isActive(contact) === active) return;
    this.#device.sensors.set(contact, active);
    this.#tell({ type: 'sensor', sensor: contact, value: active });
  }

  #measure<Name extends keyof Measurements>(sensor: Name, value: Measurements[Name]): void {
    if (this.#device.sensors.now[sensor] === value) return;
    this.#device.sensors.now[sensor] = value;
    this.#tell({ type: 'sensor', sensor, value });
  }

  #setKeys(keys: readonly string[]): void {
    this.#device.sensors.keys = keys;
    this.#tell({ type: 'keys', keys });
  }

  #tell(event: CassetteControllerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
