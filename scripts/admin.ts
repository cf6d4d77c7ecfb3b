/** `npm run admin -- …`: users, credentials and compartments of the Sezam that runs on this computer. */
import { parseArgs } from 'node:util';
import { readSettings } from '../config/settings.ts';
import type { Command, CommandAnswer, FollowedEvent } from '../gateway/command-socket.ts';
import { socketPath } from '../gateway/data-folder.ts';
import { eventLines, eventQueryFor, occupancyRows, possessionRows, type QueryAnswer } from './answers.ts';
import { lineFor } from './event-line.ts';
import { connectLines } from './line-client.ts';

const USAGE = `Usage: npm run admin -- COMMAND [OPTIONS]

People
  users                                          lists them
  add-user --name NAME [--login L] [--role R] [--group G]
                                                 R: defined (default), master, operator, administrator
  add-card --user ID --card HEX                  gives a user a card
  add-pin --user ID                              gives a user a PIN, read from standard input
  block-user | unblock-user --user ID
  block-credential | unblock-credential --credential ID
  one-time-password --login L                    to get back in when a password was forgotten

Questions
  follow                                         tells every event of every cabinet as it happens
  occupancy [--cabinet C]                        what every compartment is taken by, and since when
  who-has [--user ID] [--item ID]                who holds, has left, is to collect or has borrowed what
  events [--cabinet C [--compartment N]] [--user ID] [--item ID] [--type T]
         [--from TIME] [--until TIME] [--oldest-first] [--limit N] [--after NEXT]
                                                 what happened; TIME as 2026-03-01 or 2026-03-01T08:00Z

Compartments (each with --cabinet C --compartment N --reason "WORDS")
  open | release | block | unblock | return-to-service
  assign | withdraw --user ID

Items
  add-item --name NAME --tag TAG --kind nfc|barcode|qr
`;

const options = {
  name: { type: 'string' },
  login: { type: 'string' },
  role: { type: 'string', multiple: true },
  group: { type: 'string', multiple: true },
  user: { type: 'string' },
  card: { type: 'string' },
  credential: { type: 'string' },
  cabinet: { type: 'string' },
  compartment: { type: 'string' },
  reason: { type: 'string' },
  type: { type: 'string', multiple: true },
  from: { type: 'string' },
  until: { type: 'string' },
  'oldest-first': { type: 'boolean' },
  limit: { type: 'string' },
  after: { type: 'string' },
  tag: { type: 'string' },
  kind: { type: 'string' },
  item: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
async function commandFor(name: string, values: Values): Promise<object | undefined> {
  const { user, cabinet, reason } = values;
  const compartment = Number(values.compartment);
  switch (name) {
    case 'users':
      return { do: 'list-users' };
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
    case 'add-user':
      return {
        do: 'add-user',
        name: values.name,
        ...(values.login !== undefined && { login: values.login }),
        roles: values.role ?? ['defined'],
        groups: values.group ?? [],
      };
    case 'add-card':
      return { do: 'add-credential', user, kind: 'card', value: values.card };
    case 'add-pin':
      return { do: 'add-credential', user, kind: 'pin', value: await readSecret('PIN: ') };
    case 'block-user':
    case 'unblock-user':
      return { do: name, user };
    case 'block-credential':
    case 'unblock-credential':
      return { do: name, credential: values.credential };
    case 'one-time-password':
      return { do: name, login: values.login };
    case 'add-item':
      return { do: name, name: values.name, tag: values.tag, tagKind: values.kind };
    case 'open':
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
      return { do: name, cabinet, compartment, reason };
    case 'assign':
    case 'withdraw':
      return { do: name, cabinet, compartment, user, reason };
    default:
      return undefined;
  }
}

/** Reads a line from standard input: a secret must not stand in the list of processes or in the shell's history. */
async function readSecret(prompt: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(prompt);
  for await (const chunk of process.stdin) return String(chunk).trim();
  return '';
}

/** Tells events until interrupted. */
async function followEvents(): Promise<void> {
  const { dataFolder } = readSettings(process.env);
  const client = await connectLines(await socketPath(dataFolder, 'command'));
  client.send({ do: 'follow' } satisfies Command);
  for await (const message of client.messages) {
    if ('stream' in (message as object)) console.log(lineFor(message as FollowedEvent));
  }
}

async function ask(command: object): Promise<CommandAnswer> {
  const { dataFolder } = readSettings(process.env);
  const client = await connectLines(await socketPath(dataFolder, 'command'));
  try {
    client.send(command as Command);
    for await (const answer of client.messages) return answer as CommandAnswer;
    throw new Error('Sezam ended the conversation.');
  } finally {
    client.end();
  }
}

/** Prints an answer: lists as tables, pages of events as lines, anything else as JSON. */
function show(result: unknown): void {
  const { events, next, compartments, possessions } = (result ?? {}) as QueryAnswer;
  if (Array.isArray(result)) console.table(result);
  else if (events) console.log(eventLines(events, next).join('\n'));
  else if (compartments) console.table(occupancyRows(compartments));
  else if (possessions) console.table(possessionRows(possessions));
  else console.log(JSON.stringify(result));
}

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals[0] === 'follow') {
    await followEvents();
    process.exit(0);
  }
  const command = await commandFor(positionals[0] ?? '', values);
  if (!command) {
    console.error(USAGE);
    process.exit(2);
  }
  const answer = await ask(command);
  if (answer.ok) {
    show(answer.result);
  } else {
    console.error(`${answer.code}: ${answer.message}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
