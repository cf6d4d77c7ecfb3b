import { Router } from 'express';
import type { Administration } from '../../gateway/administration.ts';
import type { Gateway } from '../../gateway/api.ts';
import type { OpcUaAdministration } from '../../gateway/opcua-administration.ts';
import { bearers } from '../bearers.ts';
import { noStore } from '../requests.ts';
import { AlarmStreams } from './alarm-streams.ts';
import { alarmRoutes } from './alarms.ts';
import { opcuaRoutes } from './opcua.ts';
import { fail, lastResort } from './replies.ts';

/** What the administration API works with. */
export interface AdministrationApiParts {
  readonly gateway: () => Gateway | undefined;
  readonly administration: () => Administration | undefined;
  readonly opcua: () => OpcUaAdministration | undefined;
  /** Told in words what an operator of this computer should know. */
  readonly notice: (message: string) => void;
}

/**
 * What programs of administrators and operators ask: `/alarms` and `/opcua`; `docs/administration.md` describes it. Every
 * request carries an API token of a user, whose roles of the moment decide.
 */
export function administrationApi({
  gateway,
  administration,
  opcua,
  notice,
}: AdministrationApiParts): Router {
  const router = Router();
  const streams = new AlarmStreams({
    gateway,
    bearerBy: (id) => administration()?.apiTokens.bearerBy(id),
  });
  const guard = Router();
  guard.use(noStore, (request, response, next) => {
    if (gateway() && administration()) next();
    else fail(request, response, 'starting');
  });
  guard.use(
    bearers({
      bearerOf: (token) => administration()?.apiTokens.bearerOf(token),
      realm: 'Sezam',
      turnAway: (request, response, why) => fail(request, response, why),
    }),
  );
  router.use('/alarms', guard, alarmRoutes(gateway, streams));
  router.use('/opcua', guard, opcuaRoutes(administration, opcua));
  router.use(['/alarms', '/opcua'], (request, response) => fail(request, response, 'not-found'));
  router.use(lastResort(notice));
  return router;
}
