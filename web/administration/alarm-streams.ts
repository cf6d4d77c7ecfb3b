import type { Response } from 'express';
import type { Milliseconds } from '../../domain/site.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { Bearer } from '../../gateway/administration/api-tokens.ts';
import type { AlarmView, Gateway } from '../../gateway/api.ts';
import { hasOneOf, WATCHING } from './access.ts';
import { AlarmChanges } from './alarm-changes.ts';
import { alarmIn } from './alarm-json.ts';

/** Alarms in one part of a snapshot: some 50 kB. */
const PART = 50;
/** A program that was cut off waits this long before it connects anew. Milliseconds. */
const RETRY: Milliseconds = 2_000;
/** Streams with one token: a program that was cut off opens another before the old one is known to be dead. */
const MOST_PER_TOKEN = 8;
/** Streams in all. */
const MOST_STREAMS = 128;

/** What of a gateway is followed. */
type Followed = Pick<Gateway, 'alarms'>;

export interface AlarmStreamsParts {
  readonly gateway: () => Followed | undefined;
  /** What has become of whoever sent a token; undefined where it is good for nothing any more. */
  readonly bearerBy: (id: string) => Bearer | undefined;
  /** Streams in all. */
  readonly most?: number;
  /** How often rights are looked at: as often as over OPC UA. Milliseconds. */
  readonly lookEvery?: Milliseconds;
  /** How often a sign of life goes out. Milliseconds. */
  readonly beatEvery?: Milliseconds;
  /** Whoever has not read for so long is cut off. Milliseconds. */
  readonly stalledAfter?: Milliseconds;
  /** Changes that are kept. */
  readonly kept?: number;
}

/** Somebody who wants to follow. */
export interface Follower {
  readonly response: Response;
  readonly gateway: Followed;
  readonly bearer: Bearer;
  readonly language: Language;
  /** `Last-Event-ID`, where it was cut off before. */
  readonly lastSeen?: string;
}

/** Why a stream was ended; the client is told. */
export type EndReason = 'token-ended' | 'not-permitted' | 'replaced' | 'gateway-stopped';

/**
 * Tells programs of alarms as server-sent events (WHATWG HTML, 9.2): events `snapshot` with the whole book in parts, then
 * an event `change` for each change, and `end` with its reason as the last one. Whoever reads too slowly for what is kept
 * gets a new snapshot in place of what they missed.
 */
export class AlarmStreams {
  readonly #parts: AlarmStreamsParts;
  /** Oldest first. */
  readonly #streams = new Set<AlarmStream>();
  #changes: { readonly gateway: Followed; readonly list: AlarmChanges } | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(parts: AlarmStreamsParts) {
    this.#parts = parts;
  }

  /** Whether another one would be one too many. */
  get full(): boolean {
    return this.#live().length >= (this.#parts.most ?? MOST_STREAMS);
  }

  /** Begins to tell somebody. Their oldest stream gives way where they have too many. */
  open(follower: Follower): void {
    const { gateway, bearer, response } = follower;
    const own = this.#live().filter((stream) => stream.token === bearer.id);
    if (own.length >= MOST_PER_TOKEN) own[0]?.end('replaced');
    const { bearerBy, beatEvery = 10_000, stalledAfter = 30_000, lookEvery = 2_000 } = this.#parts;
    const stream = new AlarmStream(follower, this.#changesOf(gateway), { bearerBy, beatEvery, stalledAfter });
    this.#streams.add(stream);
    this.#looking ??= setInterval(() => this.#look(), lookEvery);
    response.on('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      clearInterval(this.#looking);
      this.#looking = undefined;
    });
    stream.tell();
  }

  /** Those that have not been ended. */
  #live(): readonly AlarmStream[] {
    return [...this.#streams].filter(({ ended }) => !ended);
  }

  #changesOf(gateway: Followed): AlarmChanges {
    if (this.#changes?.gateway !== gateway) {
      const list = new AlarmChanges(gateway.alarms, () => this.#tell(), this.#parts.kept);
      this.#changes = { gateway, list };
    }
    return this.#changes.list;
  }

  #tell(): void {
    for (const stream of this.#streams) stream.tell();
  }

  #look(): void {
    const running = this.#parts.gateway();
    for (const stream of this.#streams) {
      if (stream.gateway === running) stream.look();
      else stream.end('gateway-stopped');
    }
  }
}

/** A snapshot on its way, part by part. */
interface Snapshot {
  readonly alarms: readonly AlarmView[];
  readonly sequence: number;
  told: number;
}

type StreamLimits = Required<Pick<AlarmStreamsParts, 'bearerBy' | 'beatEvery' | 'stalledAfter'>>;

/** What one program is told. It holds a place in the list of changes and, for a while, a snapshot; nothing else. */
class AlarmStream {
  readonly token: string;
  readonly gateway: Followed;
  readonly #response: Response;
  readonly #language: Language;
  readonly #changes: AlarmChanges;
  readonly #limits: StreamLimits;
  /** Number of the change that is told next. */
  #next: number;
  #snapshot: Snapshot | undefined;
  /** When it was last seen to read, and when something was last said. */
  #readAt = performance.now();
  #saidAt = performance.now();
  #ended = false;

  constructor(
    { response, gateway, bearer, language, lastSeen }: Follower,
    changes: AlarmChanges,
    limits: StreamLimits,
  ) {
    this.token = bearer.id;
    this.gateway = gateway;
    this.#response = response;
    this.#language = language;
    this.#changes = changes;
    this.#limits = limits;
    const [run, number] = /^([0-9a-f]+)-(\d{1,15})$/.exec(lastSeen ?? '')?.slice(1) ?? [];
    this.#next = run === changes.run ? Number(number) + 1 : 0;
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    response.flushHeaders();
    response.write(`retry: ${RETRY}\n\n`);
    response.on('drain', () => {
      this.#readAt = performance.now();
      this.tell();
    });
    response.on('close', () => {
      this.#ended = true;
    });
  }

  /** Whether nothing will be told any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Says what there is to say, as long as it is read. Rights are those of the moment. */
  tell(): void {
    if (!this.#mayGoOn()) return;
    while (!this.#ended && !this.#response.writableNeedDrain) {
      const part = this.#nextPart();
      if (part === undefined) return;
      this.#write(part);
    }
  }

  /** Looks whether it may go on, and gives a sign of life. */
  look(): void {
    const now = performance.now();
    if (!this.#response.writableNeedDrain) this.#readAt = now;
    else if (now - this.#readAt > this.#limits.stalledAfter) {
      this.#response.destroy();
      return;
    }
    if (!this.#mayGoOn()) return;
    if (!this.#response.writableNeedDrain && now - this.#saidAt >= this.#limits.beatEvery) {
      this.#write(': alive\n\n');
    }
  }

  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    // Whoever does not read would not read this either.
    if (this.#response.writableNeedDrain) this.#response.destroy();
    else this.#response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
  }

  #mayGoOn(): boolean {
    if (this.#ended) return false;
    const bearer = this.#limits.bearerBy(this.token);
    if (bearer && hasOneOf(bearer, WATCHING)) return true;
    this.end(bearer ? 'not-permitted' : 'token-ended');
    return false;
  }

  #nextPart(): string | undefined {
    if (!this.#snapshot && !this.#changes.has(this.#next)) {
      this.#snapshot = { alarms: this.#changes.alarms, sequence: this.#changes.last, told: 0 };
    }
    if (this.#snapshot) return this.#partOf(this.#snapshot);
    const json = this.#changes.json(this.#next, this.#language);
    if (json === undefined) return undefined;
    const text = `event: change\nid: ${this.#changes.run}-${this.#next}\ndata: ${json}\n\n`;
    this.#next += 1;
    return text;
  }

  /** The next part of a snapshot. Only the last one has an id: whoever is cut off before begins anew. */
  #partOf(snapshot: Snapshot): string {
    const { alarms, sequence } = snapshot;
    const part = alarms.slice(snapshot.told * PART, (snapshot.told + 1) * PART);
    const parts = Math.max(1, Math.ceil(alarms.length / PART));
    snapshot.told += 1;
    const isLast = snapshot.told === parts;
    if (isLast) {
      this.#snapshot = undefined;
      this.#next = sequence + 1;
    }
    const data = JSON.stringify({
      sequence,
      part: snapshot.told,
      parts,
      alarms: part.map((alarm) => alarmIn(this.#language, alarm)),
    });
    return `event: snapshot\n${isLast ? `id: ${this.#changes.run}-${sequence}\n` : ''}data: ${data}\n\n`;
  }

  #write(text: string): void {
    this.#saidAt = performance.now();
    this.#response.write(text);
  }
}
