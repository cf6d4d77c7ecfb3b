/** `sezam-query`: who holds what, and what happened. Asking changes nothing. */
import type {
  CompartmentOccupancy,
  EventPage,
  EventQuery,
  Gateway,
  Possession,
  PossessionQuery,
  Refused,
} from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Fields, requestFrom, wordIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { countStatus, STATUS } from '../status.ts';

/** What can be asked. */
export const QUESTIONS = ['occupancy', 'possessions', 'events'] as const;
type Question = (typeof QUESTIONS)[number];

/** Every setting but the gateway may be empty: then the field of that name in the message counts. */
interface QuerySettings extends NodeDefinition {
  readonly gateway: string;
  readonly ask: string;
  readonly cabinet: string;
  readonly user: string;
  readonly item: string;
  /** Types of events, separated by commas. */
  readonly types: string;
  readonly order: string;
  /** Most events of a page, in digits. */
  readonly limit: string;
}

export const migrations = [
  withDefaults({
    name: '',
    gateway: '',
    ask: '',
    cabinet: '',
    user: '',
    item: '',
    types: '',
    order: '',
    limit: '',
  }),
];

/** The fields that each question has a use for; what a message says besides is of no concern. */
const FIELDS: Readonly<Record<Question, readonly string[]>> = {
  occupancy: ['cabinet'],
  possessions: ['user', 'item'],
  events: [
    'stream',
    'cabinet',
    'compartment',
    'user',
    'item',
    'types',
    'from',
    'until',
    'order',
    'after',
    'limit',
  ],
};

/** A question with its fields, which the gateway checks. */
export interface QueryRequest {
  readonly ask: Question;
  readonly query: Fields;
}

type Found =
  | { readonly ok: true; readonly compartments: readonly CompartmentOccupancy[] }
  | { readonly ok: true; readonly possessions: readonly Possession[] }
  | EventPage;

/**
 * The question that settings and message make together.
 * @throws NodeError `message-malformed`, `setting-contradicted`
 */
export function queryRequest(settings: Fields, payload: unknown): QueryRequest {
  const ask = wordIn(requestFrom(settings, payload, ['ask']), 'ask', QUESTIONS);
  const query = { ...requestFrom(settings, payload, FIELDS[ask]) };
  // Settings are texts; the gateway takes lists and numbers.
  if (typeof query['types'] === 'string') {
    query['types'] = query['types'].split(',').map((type) => type.trim());
  }
  if (typeof query['limit'] === 'string') query['limit'] = Number(query['limit']);
  return { ask, query };
}

/** The gateway checks every field itself and refuses with `query-malformed`, so that anything may be handed over. */
function answerTo(
  gateway: Gateway,
  { ask, query }: QueryRequest,
): Promise<Found | Refused> | Found | Refused {
  switch (ask) {
    case 'occupancy':
      return gateway.queries.occupancy(query['cabinet'] as string | undefined);
    case 'possessions':
      return gateway.queries.whoHasWhat(query as PossessionQuery);
    case 'events':
      return gateway.queries.events(query as EventQuery);
  }
}

function countOf(found: Found): number {
  if ('compartments' in found) return found.compartments.length;
  if ('possessions' in found) return found.possessions.length;
  return found.events.length;
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-query', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<QuerySettings>(definition, migrations);
    const station: Station<QueryRequest, Found> = {
      read: (payload) => queryRequest({ ...settings }, payload),
      ask: answerTo,
      // The query comes along, so that a flow can ask on with `{ ...query, after: next }`.
      payload: ({ ok: _ok, ...found }, { ask, query }) => structuredClone({ ask, query, ...found }),
      status: (found) => countStatus('found', countOf(found), false),
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.gateway, station);
  });
}
