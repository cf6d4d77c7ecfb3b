/** `sezam-event`: every event of the log, once it is durable. */

import type { Actor } from '../../domain/event.ts';
import type { CabinetChange } from '../../gateway/api.ts';
import { withoutVerifiers } from '../../gateway/query/event-pages.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import { followGateway, gatewayStatus, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { age, inWords, type StatusText } from '../status.ts';

interface EventSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of a cabinet; empty: every cabinet. */
  readonly cabinet: string;
  /** Types of events, separated by commas; empty: every type. */
  readonly types: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', cabinet: '', types: '' })];

/** An event of the log as a message carries it. */
export interface EventPayload {
  readonly type: string;
  readonly cabinet: string;
  /** Stream and number tell an event apart from every other, so a receiver can tell repeats. */
  readonly stream: string;
  readonly seq: number;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly actor: Actor;
  readonly data: unknown;
  readonly hash: string;
}

/**
 * A copy of the event, so that nothing a flow does to its message reaches the gateway; without what proves codes, which
 * is worth guessing at. `hash` is still the one of the whole event.
 */
export function eventPayload({ event, cabinet }: CabinetChange): EventPayload {
  const { type, stream, seq, at, actor, data, hash } = withoutVerifiers(event);
  return {
    type,
    cabinet: cabinet.setting.id,
    stream,
    seq,
    at,
    actor: { ...actor },
    data: structuredClone(data),
    hash,
  };
}

/** Number and age of the last event: `#42 · 3 min`. */
export function eventStatus(seq: number, happenedAt: number, now: number): StatusText {
  const { unit, count } = age(now - happenedAt);
  return { fill: 'green', shape: 'dot', key: `event-${unit}`, values: { seq, amount: count } };
}

/** How often the age is brought up to date. Milliseconds. */
const REFRESH = 10_000;

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-event', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<EventSettings>(definition, migrations);
    const types = parseChoice(settings.types);
    let last: EventPayload | undefined;
    let shown = '';
    const show = (status: StatusText): void => {
      const next = inWords(RED, status);
      const key = JSON.stringify([status.key, status.values]);
      // The age changes seldom; the editor need not hear of it each time.
      if (key === shown) return;
      shown = key;
      this.status(next);
    };
    const refresh = (): void => {
      if (last) show(eventStatus(last.seq, Date.parse(last.at), Date.now()));
    };
    const timer = setInterval(refresh, REFRESH);
    timer.unref();

    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      (gateway) =>
        gateway.onChange((change) => {
          if (!isChosen(types, change.event.type)) return;
          if (settings.cabinet !== '' && settings.cabinet !== change.cabinet.setting.id) return;
          last = eventPayload(change);
          refresh();
          this.send({ topic: last.type, payload: last });
        }),
      (state) => {
        // What was shown last is of a gateway that may be gone.
        last = undefined;
        show(state.kind === 'absent' ? explain(state.error).status : gatewayStatus(state));
      },
      (error) => this.error(explain(error).error.message),
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      clearInterval(timer);
      unfollow();
      done();
    });
  });
}
