/** `sezam-cassette-command`: what people in charge do to a cassette; nothing of it fires, arms or disarms by itself. */
import type { CassetteCommand, CommandName } from '../../domain/cassette/inputs.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { CassetteDone, CassetteRequest, CassetteRequester } from '../../gateway/api.ts';
import { namedCassette } from '../cassette-user.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { NodeError } from '../errors.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Fields, fieldsIn, refuseSecrets, requestFrom, textIn, wordIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { STATUS } from '../status.ts';

/** Every command, once; the compiler refuses one that is missing here. */
const LISTED: Readonly<Record<CommandName, true>> = {
  'enter-service': true,
  'finish-service': true,
  'begin-test': true,
  'end-test': true,
  'self-test': true,
  'confirm-key': true,
  'override-key': true,
  'reset-stained': true,
};

export const CASSETTE_COMMANDS = Object.keys(LISTED) as readonly CommandName[];

/** Every setting but the cassette may be empty: then the field of that name in the message counts. */
interface CassetteCommandSettings extends NodeDefinition {
  /** Id of a `sezam-cassette` node. */
  readonly cassette: string;
  readonly do: string;
  /** Of `enter-service`: how long it may last; the site has the longest. */
  readonly minutes: string;
  /** Of `finish-service`: whether notes lie inside. */
  readonly loaded: string;
  readonly reason: string;
}

const FIELDS = ['do', 'minutes', 'loaded', 'reason'] as const;

export const migrations = [
  withDefaults({ name: '', cassette: '', do: '', minutes: '', loaded: '', reason: '' }),
];

const MINUTE: Milliseconds = 60_000;
/** The longest stay in service that may be asked for: a day. */
const MOST_MINUTES = 1_440;

/** A command that is complete, and who asks for it. */
export interface CommandOfFlow {
  readonly request: CassetteRequest;
  /** Left out: the flow itself. */
  readonly identity?: string;
}

/**
 * The command that settings and message make together. Who it is comes with the message alone.
 * @throws NodeError `message-malformed`, `setting-contradicted`, `secret-in-message`
 */
export function cassetteCommand(cassette: CassetteId, settings: Fields, payload: unknown): CommandOfFlow {
  refuseSecrets(payload);
  const fields = requestFrom(settings, payload, FIELDS);
  const command = commandIn(fields);
  // An empty reason is for the gateway to refuse, in words for people.
  const reason = fields['reason'] === undefined ? '' : textIn(fields, 'reason');
  const said = fieldsIn(payload);
  const identity = said['identity'] === undefined ? undefined : textIn(said, 'identity');
  const second = said['second'] === undefined ? undefined : textIn(said, 'second');
  return {
    request: {
      cassette,
      command,
      reason,
      ...(second !== undefined && { second: { kind: 'person', identity: second } }),
    },
    ...(identity !== undefined && { identity }),
  };
}

function commandIn(fields: Fields): CassetteCommand {
  const command = wordIn(fields, 'do', CASSETTE_COMMANDS);
  switch (command) {
    case 'enter-service':
      return fields['minutes'] === undefined
        ? { do: command }
        : { do: command, lasts: minutesIn(fields) * MINUTE };
    case 'finish-service':
      return { do: command, loaded: yesOrNoIn(fields, 'loaded') };
    case 'begin-test':
    case 'end-test':
    case 'self-test':
    case 'confirm-key':
    case 'override-key':
    case 'reset-stained':
      return { do: command };
  }
}

function minutesIn(fields: Fields): number {
  const minutes = Number(fields['minutes']);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= MOST_MINUTES) return minutes;
  throw new NodeError(
    'message-malformed',
    `msg.payload.minutes, or the setting of that name, is no whole number of minutes from 1 to ${MOST_MINUTES}.`,
  );
}

/** A field that must be true or false; settings hold the word. */
function yesOrNoIn(fields: Fields, name: string): boolean {
  const value = fields[name];
  return (
    wordIn({ [name]: typeof value === 'boolean' ? String(value) : value }, name, ['true', 'false']) === 'true'
  );
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-cassette-command', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<CassetteCommandSettings>(definition, migrations);
    const cassette = namedCassette(RED, this, settings.cassette);
    const machine: CassetteRequester = { kind: 'machine', id: `flow:${this.id}` };
    const station: Station<CommandOfFlow, CassetteDone> = {
      read: (payload) => cassetteCommand(cassette.of(payload), { ...settings }, payload),
      async ask({ cassettes }, { request, identity }) {
        const requester = identity === undefined ? machine : ({ kind: 'person', identity } as const);
        const answer = await cassettes.command(request, requester);
        return answer.ok ? answer : { ...answer, about: aboutOf(request) };
      },
      payload: ({ view }, { request }) => ({
        ...aboutOf(request),
        phase: view.phase,
        view: structuredClone(view),
      }),
      status: () => STATUS.carriedOut,
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.cassette, station);
  });
}

function aboutOf({ cassette, command }: CassetteRequest): Readonly<Record<string, string>> {
  return { do: command.do, cassette };
}
