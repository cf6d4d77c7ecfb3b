/** What the editor's dialogs offer to choose from. */

import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import type { SiteView } from '../../gateway/api.ts';
import { runningGateway } from '../../gateway/host.ts';
import { EVENT_TYPES } from '../event-types.ts';
import type { NodeApi } from '../red.ts';

/** The answer of `GET sezam/site`. */
export interface SiteAnswer {
  /** Left out while no gateway is running. */
  readonly site?: SiteView;
  /** Whether the process itself runs the gateway, so that the gateway node's own settings are of no use. */
  readonly embedded: boolean;
  readonly eventTypes: readonly string[];
  readonly alarmKinds: readonly string[];
}

/** Serves the site to whoever may read it: ids and names of cabinets, cassettes, readers and buses, nothing of people. */
export function serveSite(RED: NodeApi, isEmbedded: () => boolean): void {
  RED.httpAdmin.get('/sezam/site', RED.auth.needsPermission('sezam.read'), (_request, response) => {
    const site = runningGateway()?.site;
    const answer: SiteAnswer = {
      ...(site ? { site } : {}),
      embedded: isEmbedded(),
      eventTypes: EVENT_TYPES,
      alarmKinds: Object.keys(ALARM_KINDS),
    };
    response.json(answer);
  });
}
