import { Ajv, type ValidateFunction } from 'ajv';
import { json, type Request, type Response, Router } from 'express';
import type { AlarmCommand } from '../../domain/alarms/events.ts';
import { alarmRefusal } from '../../domain/alarms/refusal.ts';
import { alarmRefusalText } from '../../domain/texts/alarm-texts.ts';
import type { Gateway } from '../../gateway/api.ts';
import { settle } from '../requests.ts';
import { forRoles, WATCHING, whoAsks } from './access.ts';
import { alarmIn } from './alarm-json.ts';
import { pageOf, readAlarmQuery } from './alarm-query.ts';
import type { AlarmStreams } from './alarm-streams.ts';
import { fail, languageFor, refuse } from './replies.ts';
import { COMMAND_BODIES } from './shapes.ts';
import { wordsFor } from './words.ts';

/** What the body of a command may hold. */
interface CommandBody {
  readonly number?: number;
  readonly comment?: string;
  readonly minutes?: number;
}

const ajv = new Ajv({ allowUnionTypes: true });
const isBody: ReadonlyMap<string, ValidateFunction<CommandBody>> = new Map(
  Object.entries(COMMAND_BODIES).map(([name, schema]) => [name, ajv.compile<CommandBody>(schema)]),
);

/** The alarms of the site: seen, followed and handled by administrators and operators. */
export function alarmRoutes(gateway: () => Gateway | undefined, streams: AlarmStreams): Router {
  const router = Router();
  router.use(forRoles(WATCHING));
  router.get('/', (request, response) => {
    const site = gateway();
    if (!site) {
      fail(request, response, 'starting');
      return;
    }
    const query = readAlarmQuery(request.query);
    if (typeof query === 'string') {
      fail(request, response, 'malformed', { detail: query });
      return;
    }
    const language = languageFor(request, response);
    const { alarms, ...page } = pageOf(site.alarms.list(), query);
    response.json({ alarms: alarms.map((alarm) => alarmIn(language, alarm)), ...page });
  });
  router.get('/changes', (request, response) => {
    const site = gateway();
    const bearer = whoAsks(response);
    if (!site || !bearer) fail(request, response, 'starting');
    // Without a body there is nothing to be followed, and nothing that would end.
    else if (request.method === 'HEAD') response.type('text/event-stream').end();
    else if (streams.full) fail(request, response, 'too-many-streams');
    else {
      const lastSeen = request.get('last-event-id');
      const language = languageFor(request, response);
      streams.open({
        response,
        gateway: site,
        bearer,
        language,
        ...(lastSeen !== undefined && { lastSeen }),
      });
    }
  });
  router.get('/:id', (request, response) => {
    const site = gateway();
    const { id } = request.params;
    const alarm = site?.alarms.alarm(id);
    if (!site) fail(request, response, 'starting');
    else if (alarm) response.json({ alarm: alarmIn(languageFor(request, response), alarm) });
    else {
      const refusal = alarmRefusal('alarm-unknown', { alarm: id });
      refuse(request, response, { ok: false, refusal, text: alarmRefusalText(refusal) });
    }
  });
  router.post('/:id/:command', json({ limit: '8kb' }), (request, response, next) => {
    const site = gateway();
    const fits = isBody.get(request.params.command);
    const sent = bodyOf(request);
    if (!site) fail(request, response, 'starting');
    else if (!fits) next();
    else if (sent === undefined) fail(request, response, 'malformed', { detail: 'send JSON.' });
    else if (!fits(sent)) fail(request, response, 'malformed', { detail: wordsFor('body', fits.errors) });
    else void settle(handle(site, commandFor(request.params, sent), request, response), next);
  });
  return router;
}

async function handle(
  site: Gateway,
  command: AlarmCommand,
  request: Request,
  response: Response,
): Promise<void> {
  const bearer = whoAsks(response);
  if (!bearer) throw new Error('A command came from nobody.');
  const outcome = await site.alarms.command(command, { kind: 'administrator', principal: bearer.principal });
  if (!outcome.ok) refuse(request, response, outcome);
  else response.json({ alarm: alarmIn(languageFor(request, response), outcome.alarm) });
}

/** The command that an address and a body ask for; the body fits the command. */
function commandFor(
  { id: alarm, command }: { readonly id: string; readonly command: string },
  { minutes, ...body }: CommandBody,
): AlarmCommand {
  const lasts = minutes === undefined ? {} : { lasts: minutes * 60_000 };
  return { do: command, alarm, ...body, ...lasts } as AlarmCommand;
}

/** What was sent: nothing counts as an empty object; undefined where it is no JSON. */
function bodyOf(request: Request): unknown {
  if (request.is('json')) return request.body;
  const sent =
    request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  return sent ? undefined : {};
}
