/** `npm run admin -- …`: users, credentials and compartments of the Sezam that runs on this computer. */
import { parseArgs } from 'node:util';
import { readSettings } from '../config/settings.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import type { AlarmView, AllOpened, ModeChange } from '../gateway/api.ts';
import { pairingKey } from '../gateway/cassettes/open-cassettes.ts';
import type { Command, CommandAnswer, FollowedEvent } from '../gateway/command-socket.ts';
import type { ImportMessage } from '../gateway/commands/people.ts';
import { socketPath } from '../gateway/data-folder.ts';
import type { ImportSummary } from '../gateway/import/people-import.ts';
import type { ReloadAnswer } from '../gateway/site-reload.ts';
import { ALARM_OPTIONS, ALARM_USAGE, alarmCommandFor, alarmLines, alarmRows } from './alarm-commands.ts';
import {
  eventLines,
  eventQueryFor,
  listRows,
  occupancyRows,
  possessionRows,
  type QueryAnswer,
} from './answers.ts';
import {
  allOpenedLines,
  CABINET_OPTIONS,
  CABINET_USAGE,
  cabinetCommandFor,
  modeChangeLines,
} from './cabinet-commands.ts';
import {
  CASSETTE_OPTIONS,
  CASSETTE_USAGE,
  cassetteCommandFor,
  cassetteLines,
  cassetteRows,
  oneCassette,
} from './cassette-commands.ts';
import { lineFor } from './event-line.ts';
import {
  INCIDENT_OPTIONS,
  INCIDENT_USAGE,
  type IncidentAnswer,
  incidentCommand,
} from './incident-commands.ts';
import { connectLines, outliveReader } from './line-client.ts';
import { OPCUA_OPTIONS, OPCUA_USAGE, opcuaCommandFor, opcuaLines } from './opcua-commands.ts';
import { OPCUA_TAGS_OPTIONS, OPCUA_TAGS_USAGE, writeTags } from './opcua-tags.ts';
import {
  importSummary,
  PEOPLE_OPTIONS,
  PEOPLE_USAGE,
  peopleCommandFor,
  tellImport,
} from './people-commands.ts';
import { reloadLines, SITE_OPTIONS, SITE_USAGE, siteCommandFor } from './site-commands.ts';
import { TOKEN_OPTIONS, TOKEN_USAGE, tokenCommandFor } from './token-commands.ts';

const USAGE = `Usage: npm run admin -- COMMAND [OPTIONS]

${PEOPLE_USAGE}

${SITE_USAGE}

Questions
  follow                                         tells every event of every cabinet, cassette and alarm as it happens
  occupancy [--cabinet C]                        what every compartment is taken by, and since when
  who-has [--user ID] [--item ID]                who holds, has left, is to collect or has borrowed what
  events [--cabinet C [--compartment N] | --cassette C] [--user ID] [--item ID] [--type T]
         [--from TIME] [--until TIME] [--oldest-first] [--limit N] [--after NEXT]
                                                 what happened; TIME as 2026-03-01 or 2026-03-01T08:00Z

${CABINET_USAGE}

${CASSETTE_USAGE}

${ALARM_USAGE}

${INCIDENT_USAGE}

${OPCUA_USAGE}
${OPCUA_TAGS_USAGE}

${TOKEN_USAGE}

Items
  items                                          lists them
  add-item --name NAME --tag TAG --kind nfc|rfid|barcode|qr
  rename-item --item ID --name NAME
  remove-item --item ID                          takes it out of use; its tag may go to another one
`;

const options = {
  ...PEOPLE_OPTIONS,
  ...CABINET_OPTIONS,
  ...CASSETTE_OPTIONS,
  ...ALARM_OPTIONS,
  ...INCIDENT_OPTIONS,
  ...OPCUA_OPTIONS,
  ...OPCUA_TAGS_OPTIONS,
  ...TOKEN_OPTIONS,
  ...SITE_OPTIONS,
  type: { type: 'string', multiple: true },
  from: { type: 'string' },
  until: { type: 'string' },
  'oldest-first': { type: 'boolean' },
  limit: { type: 'string' },
  after: { type: 'string' },
  tag: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
async function commandFor(name: string, values: Values): Promise<object | undefined> {
  const { user, cabinet } = values;
  switch (name) {
    case 'occupancy':
      return { do: name, ...(cabinet !== undefined && { cabinet }) };
    case 'who-has':
      return {
        do: name,
        ...(user !== undefined && { user }),
        ...(values.item !== undefined && { item: values.item }),
      };
    case 'events':
      return { do: name, query: eventQueryFor(values) };
    case 'items':
      return { do: 'list-items' };
    case 'rename-item':
      return { do: name, item: values.item, name: values.name };
    case 'remove-item':
      return { do: name, item: values.item };
    case 'add-item':
      return { do: name, name: values.name, tag: values.tag, tagKind: values.kind };
    default:
      return (
        (await cabinetCommandFor(name, values)) ??
        (await cassetteCommandFor(name, values)) ??
        alarmCommandFor(name, values) ??
        (await opcuaCommandFor(name, values)) ??
        siteCommandFor(name, values) ??
        tokenCommandFor(name, values) ??
        peopleCommandFor(name, values)
      );
  }
}

/** The answer to what is asked of cassettes: all of them, or one. */
interface CassettesAnswer {
  readonly cassettes: readonly CassetteView[];
  readonly view: CassetteView;
}

/** The answer to what is asked of alarms: all of them, or one. */
interface AlarmsAnswer {
  readonly alarms: readonly AlarmView[];
  readonly alarm: AlarmView;
}

/** Tells events until interrupted. */
async function followEvents(): Promise<void> {
  const { dataFolder } = readSettings(process.env);
  const client = await connectLines(await socketPath(dataFolder, 'command'));
  client.send({ do: 'follow', alarms: true } satisfies Command);
  for await (const message of client.messages) {
    if ('stream' in (message as object)) console.log(lineFor(message as FollowedEvent));
  }
}

async function ask(command: object): Promise<CommandAnswer> {
  const { dataFolder } = readSettings(process.env);
  const client = await connectLines(await socketPath(dataFolder, 'command'));
  try {
    client.send(command as Command);
    for await (const message of client.messages) {
      if (!('progress' in (message as object))) return message as CommandAnswer;
      tellImport(message as ImportMessage, process.stderr);
    }
    throw new Error('Sezam ended the conversation.');
  } finally {
    client.end();
  }
}

/** Prints the secret of a controller, where the running Sezam has the cassette. */
async function tellPairingKey(values: Values): Promise<CommandAnswer> {
  const cassette = oneCassette(values);
  const known = await ask({ do: 'show-cassette', cassette });
  if (!known.ok) return known;
  console.error(
    `The controller of cassette ${cassette} proves with this secret who it is. Type it into the controller and keep no copy.`,
  );
  console.log(await pairingKey(readSettings(process.env).dataFolder, cassette));
  return { ok: true, result: undefined };
}

/** Writes a list of tags for a SCADA tool to a file, or prints it. */
async function tellTags({ cassette, ...values }: Values): Promise<CommandAnswer> {
  outliveReader();
  const one = cassette === undefined ? {} : { cassette: oneCassette({ cassette }) };
  const written = await writeTags({ ...values, ...one }, ask, process.stdout);
  if (written.ok && values.out !== undefined) console.log(`${written.tags ?? 0} tags in ${values.out}.`);
  return written.ok ? { ok: true, result: undefined } : written;
}

/** Prints what a command about records of stainings has to say. */
function tellIncidents({ table, lines = [], exitCode }: IncidentAnswer): void {
  if (table) console.table(table);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}

/** Prints an answer: lists as tables, pages of events as lines, anything else as JSON. */
function show(result: unknown): void {
  const { events, next, compartments, possessions, refused, lost, opened, cassettes, view, alarms, alarm } =
    (result ?? {}) as QueryAnswer &
      Partial<ImportSummary & ModeChange & AllOpened & CassettesAnswer & AlarmsAnswer>;
  if (result === undefined) return;
  // What was done has nothing to tell.
  if (result === null) console.log('Done.');
  else if (Array.isArray(result)) console.table(listRows(result));
  else if (cassettes) console.table(cassetteRows(cassettes));
  else if (view) console.log(cassetteLines(view).join('\n'));
  else if (alarms?.length === 0) console.log('No alarm calls for anybody.');
  else if (alarms) console.table(alarmRows(alarms));
  else if (alarm) console.log(alarmLines(alarm).join('\n'));
  else if (events) console.log(eventLines(events, next).join('\n'));
  else if (compartments) console.table(occupancyRows(compartments));
  else if (possessions) console.table(possessionRows(possessions));
  else if (lost) console.log(modeChangeLines(result as ModeChange).join('\n'));
  else if (opened) {
    console.log(allOpenedLines(result as AllOpened).join('\n'));
    if ((result as AllOpened).failed.length > 0) process.exitCode = 1;
  } else if (refused !== undefined) {
    console.log(importSummary(result as ImportSummary));
    if (refused > 0) process.exitCode = 1;
  } else console.log(JSON.stringify(result));
}

/** Commands that ask the running Sezam several times, or something of this computer too. */
const OWN_COMMANDS: Readonly<Record<string, (values: Values) => Promise<CommandAnswer>>> = {
  'pairing-key': tellPairingKey,
  'opcua-tags': tellTags,
};

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (positionals[0] === 'follow') {
    await followEvents();
    process.exit(0);
  }
  const [name = ''] = positionals;
  const incidents = await incidentCommand(name, values, readSettings(process.env).dataFolder);
  if (incidents) {
    tellIncidents(incidents);
    process.exit();
  }
  const own = Object.hasOwn(OWN_COMMANDS, name) ? OWN_COMMANDS[name] : undefined;
  const command = own ? undefined : await commandFor(name, values);
  if (!command && !own) {
    console.error(USAGE);
    process.exit(2);
  }
  const answer = own ? await own(values) : await ask(command ?? {});
  if (answer.ok) {
    const lines =
      name === 'reload' ? reloadLines(answer.result as ReloadAnswer) : opcuaLines(name, answer.result);
    if (lines) console.log(lines.join('\n'));
    else show(answer.result);
  } else {
    console.error(`${answer.code}: ${answer.message}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
