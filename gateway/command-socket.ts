import { Ajv } from 'ajv';
import { codeLockout } from '../domain/cabinet/deposits.ts';
import type { CabinetEvents } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { CassetteAlarm } from '../domain/cassette/alarms.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { LocalizedText } from '../domain/texts/texts.ts';
import { type Administration, AdministrationError } from './administration.ts';
import type { AlarmRefused } from './alarms/api.ts';
import type { CabinetLoggedEvent, EventQuery, Gateway, PossessionQuery, Refused } from './api.ts';
import type { CassetteRefused } from './cassettes/api.ts';
import { ALARM_SHAPES, type AlarmsCommand, carryOutForAlarms } from './commands/alarms.ts';
import { API_TOKEN_SHAPES, type ApiTokenCommand, carryOutForApiTokens } from './commands/api-tokens.ts';
import { CABINET_SHAPES, type CabinetCommand, carryOutForCabinets } from './commands/cabinets.ts';
import {
  CASSETTE_SHAPES,
  type CassettesCommand,
  carryOutForCassettes,
  carryOutForKeys,
} from './commands/cassettes.ts';
import { carryOutForItems, ITEM_SHAPES, type ItemCommand } from './commands/items.ts';
import { carryOutForOpcUa, OPCUA_SHAPES, type OpcUaCommand } from './commands/opcua.ts';
import { carryOutAtPanel, VISIT_SHAPES, type VisitCommand } from './commands/panel-visits.ts';
import { carryOutForPanels, PANEL_SHAPES, type PanelCommand } from './commands/panels.ts';
import { carryOutForPeople, PEOPLE_SHAPES, type PeopleCommand } from './commands/people.ts';
import { shape, TEXT } from './commands/shapes.ts';
import { carryOutForSite, SITE_SHAPES, type SiteCommand } from './commands/site.ts';
import { type LineClient, type LineSocket, openLineSocket } from './line-socket.ts';
import type { OpcUaAdministration } from './opcua-administration.ts';
import { withoutVerifiers } from './query/event-pages.ts';
import type { SiteReload } from './site-reload.ts';

/** What the command line asks of the gateway that runs on the same computer. */
export type Command =
  | PeopleCommand
  | PanelCommand
  | ApiTokenCommand
  | ItemCommand
  | CabinetCommand
  | CassettesCommand
  | AlarmsCommand
  | VisitCommand
  | OpcUaCommand
  | SiteCommand
  /** Every event of every cabinet and cassette from now on, a line each, until the client ends; and of alarms, if wished. */
  | { readonly do: 'follow'; readonly alarms?: boolean }
  | { readonly do: 'occupancy'; readonly cabinet?: string }
  | ({ readonly do: 'who-has' } & PossessionQuery)
  /** The query is checked by whoever answers it. */
  | { readonly do: 'events'; readonly query: EventQuery };

/** The answer to a command: one line of JSON. */
export type CommandAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

const COMMAND_LINE = { kind: 'machine', id: 'command-line' } as const;

const validate = new Ajv({ discriminator: true, allowUnionTypes: true }).compile<Command>({
  type: 'object',
  required: ['do'],
  discriminator: { propertyName: 'do' },
  oneOf: [
    ...PEOPLE_SHAPES,
    ...PANEL_SHAPES,
    ...API_TOKEN_SHAPES,
    ...ITEM_SHAPES,
    ...CABINET_SHAPES,
    ...CASSETTE_SHAPES,
    ...ALARM_SHAPES,
    ...VISIT_SHAPES,
    ...OPCUA_SHAPES,
    ...SITE_SHAPES,
    shape(['follow'], { alarms: { type: 'boolean' } }, ['alarms']),
    shape(['occupancy'], { cabinet: TEXT }, ['cabinet']),
    shape(['who-has'], { user: TEXT, item: TEXT }, ['user', 'item']),
    shape(['events'], { query: { type: 'object' } }),
  ],
});

/** What `follow` tells of an event. */
export interface FollowedEvent {
  readonly stream: string;
  /** Left out of what happens to a cassette, which is told before it has a number. */
  readonly seq?: number;
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where somebody was turned away: the sentence that they are told. */
  readonly text?: string;
  /** What happened to a cassette, or what an alarm is about, in words. */
  readonly texts?: LocalizedText;
  /** Whether that is an alarm, and how severe: 1 to 1000. */
  readonly alarm?: CassetteAlarm;
}

/**
 * Serves the command line of this computer over a Unix socket that only this operating-system user can open: one
 * `Command` a line, one `CommandAnswer` a line. Whoever can open it could read the data folder as well.
 *
 * @param path under 107 bytes, in a folder of this user alone
 * @param opcua the OPC UA server, once it has been started
 * @param site what takes over a site file that was changed; left out where there is no such thing
 */
export function openCommandSocket(
  path: string,
  gateway: Gateway,
  administration: Administration,
  opcua: () => OpcUaAdministration | undefined = () => undefined,
  site?: Pick<SiteReload, 'reload'>,
): Promise<LineSocket> {
  return openLineSocket(
    path,
    (command, client) => {
      if (!validate(command)) throw new AdministrationError('malformed', wordsFor(validate.errors));
      if (command.do === 'reload') return reloadSite(command, site);
      if (command.do === 'follow') return follow(gateway, client, command.alarms ?? false);
      return carryOut(command, gateway, administration, client, opcua());
    },
    refusalOf,
  );
}

function wordsFor(errors: typeof validate.errors): string {
  const error = errors?.at(-1);
  return `The command is not understood: ${error?.instancePath ?? ''} ${error?.message ?? 'it is wrong'}.`;
}

function refusalOf(error: unknown): CommandAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AdministrationError) return { ok: false, code: error.code, message };
  return { ok: false, code: error instanceof SyntaxError ? 'malformed' : 'failed', message };
}

function follow(gateway: Gateway, client: LineClient, alarms: boolean): CommandAnswer {
  client.onGone(
    gateway.onChange(({ event, cabinet }) => {
      const { stream, seq, at, type, data } = withoutVerifiers(event);
      const text =
        event.type === 'access-refused'
          ? gateway.textOf({ code: event.data.reason, values: refusedValues(event.data, at, cabinet) }).en
          : undefined;
      client.send({
        stream,
        seq,
        at,
        type,
        data: { ...(data as CabinetLoggedEvent['data']) },
        ...(text && { text }),
      } satisfies FollowedEvent);
    }),
  );
  client.onGone(
    gateway.cassettes.onNotice(({ cassette, at, type, data, text, alarm }) => {
      const stream = `cassette/${cassette}`;
      client.send({
        stream,
        at: new Date(at).toISOString(),
        type,
        data,
        texts: text,
        ...(alarm && { alarm }),
      } satisfies FollowedEvent);
    }),
  );
  if (!alarms) return done('following');
  client.onGone(
    gateway.alarms.onChange(({ event: { stream, seq, at, type, data }, alarm }) => {
      const { severity, silent, text } = alarm;
      const followed = { stream, seq, at, type, data: { ...data }, texts: text, alarm: { severity, silent } };
      client.send(followed satisfies FollowedEvent);
    }),
  );
  return done('following');
}

async function reloadSite(
  command: SiteCommand,
  site: Pick<SiteReload, 'reload'> | undefined,
): Promise<CommandAnswer> {
  return done(await carryOutForSite(command, site, COMMAND_LINE));
}

/** What the sentence for a refusal names: the event keeps only what cannot be told from its stream and time. */
function refusedValues(
  data: CabinetEvents['access-refused'],
  at: string,
  cabinet: CabinetState,
): Refusal['values'] {
  const locked = codeLockout(cabinet, data.reader ?? '', data.compartment, Date.parse(at));
  const { duress: _silent, ...said } = data;
  return { ...said, cabinet: cabinet.setting.id, ...locked?.values };
}

async function carryOut(
  command: Exclude<Command, { do: 'follow' | 'reload' }>,
  gateway: Gateway,
  administration: Administration,
  client: LineClient,
  opcua: OpcUaAdministration | undefined,
): Promise<CommandAnswer> {
  const actor = COMMAND_LINE;
  switch (command.do) {
    case 'occupancy':
      return answered(gateway.queries.occupancy(command.cabinet));
    case 'who-has': {
      const { do: _, ...query } = command;
      return answered(gateway.queries.whoHasWhat(query));
    }
    case 'events':
      return answered(await gateway.queries.events(command.query));
    case 'list-items':
    case 'add-item':
    case 'rename-item':
    case 'remove-item':
      return done(await carryOutForItems(command, administration, actor));
    case 'add-panel-token':
    case 'list-panel-tokens':
    case 'remove-panel-token':
      return done(await carryOutForPanels(command, administration, actor));
    case 'add-api-token':
    case 'list-api-tokens':
    case 'remove-api-token':
      return done(await carryOutForApiTokens(command, administration, actor));
    case 'panel':
    case 'follow-panel':
    case 'panel-answer':
      return answered(await carryOutAtPanel(command, gateway, client));
    case 'open':
    case 'service-open':
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
    case 'stock':
    case 'empty':
    case 'assign':
    case 'withdraw':
    case 'assign-code':
    case 'open-all':
    case 'change-mode':
      return answered(await carryOutForCabinets(command, gateway, actor));
    case 'list-cassettes':
    case 'show-cassette':
    case 'command-cassette':
      return answered(await carryOutForCassettes(command, gateway, actor));
    case 'list-alarms':
    case 'command-alarm':
      return answered(await carryOutForAlarms(command, gateway, actor));
    case 'list-keys':
    case 'add-key':
    case 'revoke-key':
    case 'restore-key':
      return done(await carryOutForKeys(command, administration, actor));
    case 'list-opcua-clients':
    case 'trust-opcua-client':
    case 'distrust-opcua-client':
    case 'show-opcua-certificate':
    case 'request-opcua-certificate':
    case 'install-opcua-certificate':
    case 'list-opcua-tags':
    case 'add-certificate':
      return done(await carryOutForOpcUa(command, opcua, administration, actor));
    case 'list-users':
    case 'rotate-key':
    case 'add-user':
    case 'change-user':
    case 'block-user':
    case 'unblock-user':
    case 'erase-user':
    case 'list-credentials':
    case 'add-credential':
    case 'block-credential':
    case 'unblock-credential':
    case 'remove-credential':
    case 'one-time-password':
    case 'change-password':
    case 'add-right':
    case 'remove-right':
    case 'list-rights':
    case 'phone-access':
    case 'import':
      return done(await carryOutForPeople(command, administration, actor, client));
  }
}

/** An answer of the gateway as one to a command. */
function answered(answer: { readonly ok: true } | Refused | CassetteRefused | AlarmRefused): CommandAnswer {
  if (!answer.ok) return { ok: false, code: answer.refusal.code, message: answer.text.en };
  const { ok: _, ...result } = answer;
  return done(result);
}

function done(result: unknown): CommandAnswer {
  return { ok: true, result: result ?? null };
}
