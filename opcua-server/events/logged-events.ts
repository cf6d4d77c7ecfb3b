/** Events of the log as they happen: the very same that the history tells later, with the same ids. */
import type { Namespace, Variant } from 'node-opcua';
import { cabinetSigns } from '../../domain/alarms/cabinet-signs.ts';
import { cassetteSigns } from '../../domain/alarms/cassette-signs.ts';
import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { FilteredEvent } from '../history/event-filter.ts';
import { EventRows } from '../history/event-row.ts';
import { eventTypesIn } from '../history/event-types.ts';
import { nodeIds } from '../names.ts';
import type { Types } from '../types.ts';
import type { EventItems } from './event-items.ts';
import { type EventSource, KeptFields, type SiteEvent, without } from './site-event.ts';
import { veiledEventId } from './veiled-ids.ts';

/**
 * Fields that tell of persons, and of what the history tells to nobody without a log-in. Numbers are among them: where one is missing,
 * something was silent.
 */
const PERSONAL: ReadonlySet<string> = new Set(['Actor', 'User', 'Data', 'Sequence']);

export class LoggedEvents {
  readonly #namespace: Namespace;
  readonly #rows: EventRows;
  readonly #items: EventItems;

  /** @param namespace the one of the site's objects */
  constructor(namespace: Namespace, types: Types, items: EventItems) {
    this.#namespace = namespace;
    this.#rows = new EventRows(namespace, eventTypesIn(types));
    this.#items = items;
  }

  /**
   * Tells whoever listens.
   *
   * @param gap some before these were left out; whoever needs them finds them in the history
   */
  raise(events: readonly LoggedEvent[], gap: boolean): void {
    if (gap) this.#items.tellAll('EventQueueOverflowEventType');
    for (const event of events) {
      const told = this.#eventOf(event);
      if (told) this.#items.raise(told);
    }
  }

  #eventOf(event: LoggedEvent): SiteEvent | undefined {
    const source = this.#sourceOf(event.stream);
    if (!source) return undefined;
    const made = new Map<string, FilteredEvent>();
    return {
      source,
      silent: isSilent(freely(event)),
      fields: (language, persons) => {
        const key = `${language} ${persons}`;
        const known = made.get(key) ?? this.#fieldsOf(event, language, persons);
        made.set(key, known);
        return known;
      },
    };
  }

  #fieldsOf(event: LoggedEvent, language: Language, persons: boolean): FilteredEvent {
    // There is a source, so there is a row.
    const row = this.#rows.rowOf(persons ? event : freely(event), [language]) as FilteredEvent;
    const kept = new KeptFields(row.type, undefined, (name): Variant | undefined => row.field(name));
    return persons ? kept : without(kept, PERSONAL, { EventId: veiledEventId });
  }

  #sourceOf(stream: string): EventSource | undefined {
    const slash = stream.indexOf('/');
    const id = stream.slice(slash + 1);
    const name = stream.startsWith('cabinet/') ? nodeIds.cabinet(id) : nodeIds.cassette(id);
    const node = this.#namespace.findNode(name);
    const site = this.#namespace.findNode(nodeIds.site);
    if (!node || !site) return undefined;
    const notifiers = [site.nodeId.toString(), node.nodeId.toString()];
    return { node, name: node.displayName[0]?.text ?? id, notifiers };
  }
}

/**
 * An event as if nobody had been forced to what it tells of. Those near its source see the door that opens: were nothing told of
 * why, that alone would say it.
 */
function freely(event: LoggedEvent): LoggedEvent {
  const { data } = event;
  if (typeof data !== 'object' || data === null || !('duress' in data)) return event;
  const { duress: _silent, ...told } = data;
  return { ...event, data: told };
}

/** Whether an event tells of nothing but that somebody is being forced: nobody near its source may see it. */
function isSilent(event: LoggedEvent): boolean {
  const id = event.stream.slice(event.stream.indexOf('/') + 1);
  const signs = event.stream.startsWith('cabinet/')
    ? cabinetSigns(id, event as LoggedEvent & CabinetEvent)
    : cassetteSigns(id, event as LoggedEvent & CassetteEvent);
  // An event of another version may be of a type that is not known here.
  return (signs as typeof signs | undefined)?.some(({ kind }) => ALARM_KINDS[kind].silent) ?? false;
}
