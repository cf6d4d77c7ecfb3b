import { Ajv } from 'ajv';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import { refusal } from '../../domain/refusals.ts';
import type { CabinetId } from '../../domain/site.ts';
import type { Refused } from '../api.ts';
import type { EventSearch } from '../event-log/event-store.ts';
import type { Clock } from '../ports.ts';
import { refused } from '../refused.ts';
import { EventPages } from './event-pages.ts';
import { occupancyOf, possessionsIn } from './holdings.ts';
import { ID, refusalFor } from './malformed.ts';
import type { EventPage, EventQuery, PossessionQuery, Queries } from './queries.ts';

const validate = new Ajv().compile<PossessionQuery>({
  type: 'object',
  additionalProperties: false,
  properties: { user: ID, item: ID },
});

/** Answers what is asked of a gateway: the present from the states of its cabinets, the past from the store. */
export class GatewayQueries implements Queries {
  readonly #cabinets: () => readonly CabinetState[];
  readonly #events: EventPages;
  readonly #clock: Clock;

  constructor(options: {
    /** The states of the cabinets at the moment of asking. */
    readonly cabinets: () => readonly CabinetState[];
    readonly search: EventSearch;
    readonly clock: Clock;
  }) {
    this.#cabinets = options.cabinets;
    this.#events = new EventPages(options.search);
    this.#clock = options.clock;
  }

  occupancy(cabinet?: CabinetId): ReturnType<Queries['occupancy']> {
    const all = this.#cabinets();
    const wanted = cabinet === undefined ? all : all.filter(({ setting }) => setting.id === cabinet);
    if (cabinet !== undefined && wanted.length === 0) return refused(refusal('cabinet-unknown', { cabinet }));
    const at = this.#clock.now();
    return { ok: true, compartments: wanted.flatMap((state) => occupancyOf(state, at)) };
  }

  whoHasWhat(query: PossessionQuery = {}): ReturnType<Queries['whoHasWhat']> {
    if (!validate(query)) return refused(refusalFor(validate.errors));
    const at = this.#clock.now();
    return { ok: true, possessions: this.#cabinets().flatMap((state) => possessionsIn(state, query, at)) };
  }

  async events(query: EventQuery): Promise<EventPage | Refused> {
    const answer = await this.#events.page(query);
    return 'code' in answer ? refused(answer) : answer;
  }
}
