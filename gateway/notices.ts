import type { CabinetEvent, CabinetEvents } from '../domain/cabinet/events.ts';
import type { RefusalCode } from '../domain/refusals.ts';
import type { PromptCode } from '../domain/session/prompt.ts';
import type { Purpose } from '../domain/session/session.ts';
import type { PanelId } from '../domain/site.ts';

/** Grants whose panel is remembered; more are under way at no cabinet. */
const MOST_REMEMBERED = 2_048;

/** What is to be said at a panel. */
export interface Saying {
  readonly panel: PanelId;
  readonly code: PromptCode | RefusalCode;
  readonly values: Readonly<Record<string, string | number>>;
}

/** By type of event, what its data say. */
type Sayings = {
  readonly [Type in keyof CabinetEvents]?: (data: CabinetEvents[Type]) => Saying | undefined;
};

const OPENS: Readonly<Partial<Record<Purpose, PromptCode>>> = {
  own: 'open',
  once: 'take-out-and-close',
  collect: 'take-out-and-close',
  take: 'take-item-and-close',
  return: 'return-item-and-close',
};

/**
 * What an event of a cabinet says to the people at its panels. The panel of an opening is remembered until its door
 * was closed; one that was under way when the gateway was restarted ends without a word.
 */
export class Notices {
  readonly #panels = new Map<string, PanelId>();

  readonly #sayings: Sayings = {
    'compartment-granted': (data) => this.#granted(data),
    'door-closed': (data) => this.#closed(data),
    'use-settled': (data) => this.#settled(data),
    'deposit-abandoned': ({ panel, compartment }) => ({ panel, code: 'abandoned', values: { compartment } }),
    'session-ended': ({ panel, cause }) =>
      cause === 'cancelled' || cause === 'timed-out' ? { panel, code: cause, values: {} } : undefined,
    'fault-reported': ({ panel, compartment }) => ({ panel, code: 'fault-noted', values: { compartment } }),
  };

  /** What is to be said where after an event; undefined where nothing is. */
  after(event: CabinetEvent): Saying | undefined {
    // The table holds for each type a function of that type's data; the compiler cannot follow the pair.
    const say = this.#sayings[event.type] as ((data: CabinetEvent['data']) => Saying | undefined) | undefined;
    return say?.(event.data);
  }

  #settled({ compartment, grant, outcome }: CabinetEvents['use-settled']): Saying | undefined {
    const panel = this.#forget(grant);
    if (!panel || outcome === 'unchanged' || outcome === 'item-missing') return undefined;
    return { panel, code: outcome, values: { compartment } };
  }

  #granted(data: CabinetEvents['compartment-granted']): Saying | undefined {
    const { panel, grant, purpose, compartment, insteadOf } = data;
    if (panel === undefined || purpose === undefined) return undefined;
    this.#remember(grant, panel);
    if (insteadOf !== undefined) {
      return { panel, code: 'next-compartment', values: { compartment, failed: insteadOf } };
    }
    const code = OPENS[purpose];
    return code && { panel, code, values: { compartment } };
  }

  #closed(data: CabinetEvents['door-closed']): Saying | undefined {
    const { compartment, grant, outcome, next } = data;
    if (grant === undefined) return undefined;
    if (outcome === 'unsettled') return undefined;
    const panel = this.#forget(grant);
    if (!panel) return undefined;
    const values = { compartment };
    switch (outcome) {
      case 'deposited':
        return next ? undefined : { panel, code: 'stored', values };
      case 'ended':
      case 'collected':
        return { panel, code: 'collected', values };
      case 'taken':
      case 'returned':
        return { panel, code: outcome, values };
      case undefined:
        return undefined;
    }
  }

  #remember(grant: string, panel: PanelId): void {
    this.#panels.set(grant, panel);
    const [oldest] = this.#panels.keys();
    if (this.#panels.size > MOST_REMEMBERED && oldest !== undefined) this.#panels.delete(oldest);
  }

  #forget(grant: string): PanelId | undefined {
    const panel = this.#panels.get(grant);
    this.#panels.delete(grant);
    return panel;
  }
}
