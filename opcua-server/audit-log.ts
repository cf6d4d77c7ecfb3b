/**
 * What happens at the server, on its way to the event log: one by one as long as it is little, counted where it is much. A
 * stranger who knocks all day must not fill the log of a site, nor hide a single knock in it.
 */
import type { SiteEvent } from '../gateway/administration/site-events.ts';

/** An event of the server for the log of the installation. */
export type AuditEvent = Extract<SiteEvent, { readonly type: `opcua-${string}` }>;
/** Those that may come in floods. */
export type FrequentEvent = Extract<AuditEvent, { readonly data: { readonly count?: number } }>;

/** How long events are counted before they are told as one. Milliseconds. */
const COUNTED_FOR = 60_000;
/** Of refusals that are alike, the first ones are told one by one. */
const REFUSALS_TOLD = 3;
/** Kinds of refusals that are told apart; the others are counted as one, with the data of the last of them. */
const REFUSALS_APART = 20;
/** Everything else that is alike: sessions and calls of people who were let in. */
const OTHERS_TOLD = 120;

const REFUSALS: ReadonlySet<AuditEvent['type']> = new Set([
  'opcua-login-refused',
  'opcua-certificate-rejected',
  'opcua-write-refused',
  'opcua-history-refused',
  'opcua-channel-refused',
  'opcua-connection-ended',
]);

interface Counter {
  told: number;
  /** Those that were not told, and the last of them. */
  untold: number;
  last: FrequentEvent;
}

export class AuditLog {
  readonly #tell: (event: AuditEvent) => void;
  readonly #counters = new Map<string, Counter>();
  readonly #timer: NodeJS.Timeout;

  constructor(tell: (event: AuditEvent) => void) {
    this.#tell = tell;
    this.#timer = setInterval(() => this.flush(), COUNTED_FOR);
    this.#timer.unref();
  }

  /**
   * Takes an event.
   *
   * @param alike what it has in common with those with which it is counted, e.g. the name that was tried
   */
  note(event: FrequentEvent, alike = ''): void {
    const refusal = REFUSALS.has(event.type) || isRefusedCall(event);
    const counter = this.#counterOf(event, refusal ? `${event.type} refused ${alike}` : event.type, refusal);
    counter.last = event;
    if (counter.told < (refusal ? REFUSALS_TOLD : OTHERS_TOLD)) {
      counter.told += 1;
      this.#tell(event);
    } else {
      counter.untold += 1;
    }
  }

  /** Tells what was only counted, and begins to count anew. */
  flush(): void {
    for (const { untold, last } of this.#counters.values()) {
      if (untold > 0) this.#tell({ ...last, data: { ...last.data, count: untold } } as AuditEvent);
    }
    this.#counters.clear();
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }

  #counterOf(event: FrequentEvent, key: string, refusal: boolean): Counter {
    const known = this.#counters.get(key);
    if (known) return known;
    const begun = [...this.#counters.keys()].filter((each) => each.startsWith(`${event.type} `)).length;
    if (refusal && begun >= REFUSALS_APART) {
      const others = `${event.type} others`;
      const counter = this.#counters.get(others) ?? { told: REFUSALS_TOLD, untold: 0, last: event };
      this.#counters.set(others, counter);
      return counter;
    }
    const counter = { told: 0, untold: 0, last: event };
    this.#counters.set(key, counter);
    return counter;
  }
}

function isRefusedCall(event: FrequentEvent): boolean {
  return event.type === 'opcua-method-called' && event.data.status !== 'Good';
}
