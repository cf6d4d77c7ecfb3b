/** `sezam-item`: what happens to items, as the durable log has it; and where an item is, when asked. */
import type { CabinetId, CompartmentNumber, ItemId, Milliseconds, UserId } from '../../domain/site.ts';
import type { CabinetChange, Possession } from '../../gateway/api.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import { type EventTable, lookUp } from '../event-types.ts';
import { followGateway, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { requestFrom, textIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { compartmentStatus, countStatus, inWords, STATUS, type StatusText } from '../status.ts';

interface ItemSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of a cabinet; empty: every cabinet. */
  readonly cabinet: string;
  /** Id of an item; empty: every item, and the message says which one is looked for. */
  readonly item: string;
  /** Kinds of events, separated by commas; empty: every kind. */
  readonly kinds: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', cabinet: '', item: '', kinds: '' })];

/**
 * What happens to items. `placed`, `removed`: an item reader sees it; the others say what that means, or, without an
 * item reader, what the closing of the door means.
 */
export const ITEM_KINDS = [
  'placed',
  'removed',
  'taken',
  'returned',
  'nothing-taken',
  'nothing-returned',
  'wrong-item',
  'item-missing',
  'overdue',
  'stocked',
  'emptied',
] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** Kinds that somebody should look into. */
const ATTENTION: ReadonlySet<ItemKind> = new Set([
  'nothing-returned',
  'wrong-item',
  'item-missing',
  'overdue',
]);

/** Something that happened to an item. */
export interface ItemPayload {
  readonly kind: ItemKind;
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Milliseconds;
  /** Number of the event in the cabinet's stream. */
  readonly seq: number;
  /** Left out where nobody knows which one it is. */
  readonly item?: ItemId;
  /** Who had the door open, or has the item. */
  readonly user?: UserId;
  /** The item reader did not answer: what happened is what the door was opened for. */
  readonly unverified?: true;
}

/** What a change says of an item, or undefined where it is about something else. */
export function itemPayload({ event, cabinet }: CabinetChange): ItemPayload | undefined {
  const kind = lookUp(KIND_OF, event);
  if (!kind) return undefined;
  const data: Partial<ItemPayload> = event.data as object;
  const { compartment = 0, item, user, unverified } = data;
  return {
    kind,
    cabinet: cabinet.setting.id,
    compartment,
    at: Date.parse(event.at),
    seq: event.seq,
    ...(item !== undefined && { item }),
    ...(user !== undefined && { user }),
    ...(unverified && { unverified }),
  };
}

/** By type of event, what it says of an item. */
const KIND_OF: EventTable<ItemKind> = {
  'item-placed': () => 'placed',
  'item-removed': () => 'removed',
  'compartment-stocked': () => 'stocked',
  'compartment-emptied': () => 'emptied',
  'use-settled': ({ outcome }) => (outcome === 'unchanged' ? undefined : outcome),
  'door-closed': ({ outcome }) => (outcome === 'taken' || outcome === 'returned' ? outcome : undefined),
  overdue: ({ deposit }) => (deposit === undefined ? 'overdue' : undefined),
};

function statusOf({ kind, compartment }: ItemPayload): StatusText {
  if (!ATTENTION.has(kind)) return compartmentStatus(`item-${kind}`, compartment);
  return { fill: 'yellow', shape: 'dot', key: `item-${kind}`, values: { compartment } };
}

/** Where an item is, and who has it. Both lists are empty where nobody knows. */
export interface Whereabouts {
  readonly item: ItemId;
  /** Where it lies. More than one place: somebody said so of two. */
  readonly places: readonly { readonly cabinet: CabinetId; readonly compartment: CompartmentNumber }[];
  /** Who has it, where it was taken from, since when. */
  readonly loans: readonly {
    readonly user: UserId;
    readonly cabinet: CabinetId;
    readonly compartment: CompartmentNumber;
    readonly since?: Milliseconds;
    readonly overdue: boolean;
  }[];
}

/** Puts what is known of an item in the two lists. */
export function whereabouts(item: ItemId, possessions: readonly Possession[]): Whereabouts {
  const places: Whereabouts['places'][number][] = [];
  const loans: Whereabouts['loans'][number][] = [];
  for (const possession of possessions) {
    const { cabinet, compartment, since, overdue } = possession;
    if (possession.kind === 'item') places.push({ cabinet, compartment });
    if (possession.kind === 'loan') {
      const { user } = possession;
      loans.push({ user, cabinet, compartment, ...(since !== undefined && { since }), overdue });
    }
  }
  return { item, places, loans };
}

type Found = { readonly ok: true; readonly possessions: readonly Possession[] };

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-item', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<ItemSettings>(definition, migrations);
    const kinds = parseChoice(settings.kinds);
    const station: Station<ItemId, Found> = {
      read: (payload) => textIn(requestFrom({ item: settings.item }, payload, ['item']), 'item'),
      ask: (gateway, item) => gateway.queries.whoHasWhat({ item }),
      payload: ({ possessions }, item) => ({ ...whereabouts(item, possessions) }),
      status: ({ possessions }) => countStatus('found', possessions.length, possessions.length === 0),
      refused: STATUS.refused,
      outputsBefore: 1,
    };
    wireStation(RED, this, settings.gateway, station);
    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      (gateway) =>
        gateway.onChange((change) => {
          const payload = itemPayload(change);
          if (!payload || !isChosen(kinds, payload.kind)) return;
          if (settings.cabinet !== '' && settings.cabinet !== payload.cabinet) return;
          if (settings.item !== '' && settings.item !== payload.item) return;
          this.status(inWords(RED, statusOf(payload)));
          this.send([{ topic: payload.item ?? payload.cabinet, payload }, null, null]);
        }),
      // The station shows whether there is a gateway.
      () => {},
      (error) => this.error(explain(error).error.message),
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      done();
    });
  });
}
