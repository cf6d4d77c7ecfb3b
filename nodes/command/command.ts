/** `sezam-command`: what administrators do to cabinets, on behalf of a flow. */
import { textOf } from '../../domain/texts/texts.ts';
import type { AllOpened, Done, Gateway, ModeChange, OperatorRequest, Refused } from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { refusedPayload } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { compartmentIn, type Fields, refuseSecrets, requestFrom, textIn, wordIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { compartmentStatus, countStatus, STATUS, type StatusText } from '../status.ts';

/** What can be commanded. A common PIN is not among it: secrets do not travel in messages. */
export const COMMANDS = [
  'open',
  'service-open',
  'open-all',
  'release',
  'block',
  'unblock',
  'return-to-service',
  'assign',
  'withdraw',
  'stock',
  'empty',
  'change-mode',
] as const;
export type Command = (typeof COMMANDS)[number];

/** How far a change of mode goes: looked at only, carried out unless something would be lost, or carried out. */
export const EXTENTS = ['dry-run', 'careful', 'force'] as const;
type Extent = (typeof EXTENTS)[number];

/** Every setting but the gateway may be empty: then the field of that name in the message counts. */
interface CommandSettings extends NodeDefinition {
  readonly gateway: string;
  readonly do: string;
  readonly cabinet: string;
  readonly compartment: string;
  readonly user: string;
  readonly item: string;
  readonly schema: string;
  readonly extent: string;
  readonly reason: string;
}

const FIELDS = ['do', 'cabinet', 'compartment', 'user', 'item', 'schema', 'extent', 'reason'] as const;

export const migrations = [
  withDefaults({
    name: '',
    gateway: '',
    do: '',
    cabinet: '',
    compartment: '',
    user: '',
    item: '',
    schema: '',
    extent: 'dry-run',
    reason: '',
  }),
];

/** A command that is complete. `extent` and `schema`: of a change of mode. */
export type CommandRequest =
  | { readonly kind: 'operate'; readonly request: OperatorRequest }
  | { readonly kind: 'open-all'; readonly cabinet: string; readonly reason: string }
  | {
      readonly kind: 'change-mode';
      readonly cabinet: string;
      readonly schema: string;
      readonly extent: Extent;
      readonly reason: string;
    };

type Carried = Done | AllOpened | ModeChange;

/**
 * The command that settings and message make together.
 * @throws NodeError `message-malformed`, `setting-contradicted`, `secret-in-message`
 */
export function commandRequest(settings: Fields, payload: unknown): CommandRequest {
  refuseSecrets(payload);
  const fields = requestFrom(settings, payload, FIELDS);
  const command = wordIn(fields, 'do', COMMANDS);
  const cabinet = textIn(fields, 'cabinet');
  // An empty reason is for the gateway to refuse, in words for people.
  const reason = fields['reason'] === undefined ? '' : textIn(fields, 'reason');
  if (command === 'open-all') return { kind: 'open-all', cabinet, reason };
  if (command === 'change-mode') {
    const extent = wordIn({ extent: 'dry-run', ...fields }, 'extent', EXTENTS);
    return { kind: 'change-mode', cabinet, schema: textIn(fields, 'schema'), extent, reason };
  }
  const common = { cabinet, compartment: compartmentIn(fields), reason };
  switch (command) {
    case 'assign':
    case 'withdraw':
      return { kind: 'operate', request: { do: command, ...common, user: textIn(fields, 'user') } };
    case 'stock': {
      const item = fields['item'] === undefined ? {} : { item: textIn(fields, 'item') };
      return { kind: 'operate', request: { do: command, ...common, ...item } };
    }
    case 'open':
    case 'service-open':
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
    case 'empty':
      return { kind: 'operate', request: { do: command, ...common } };
  }
}

function carryOut(gateway: Gateway, command: CommandRequest, node: string): Promise<Carried | Refused> {
  // Whoever may deploy a flow may do here what whoever sits at this computer's command line may do.
  const requester = { kind: 'machine', id: `flow:${node}` } as const;
  switch (command.kind) {
    case 'operate':
      return gateway.operate(command.request, requester);
    case 'open-all':
      return gateway.openAll(command.cabinet, command.reason, requester);
    case 'change-mode': {
      const { cabinet, schema, extent, reason } = command;
      const dryRun = extent === 'dry-run';
      return gateway.changeMode({ cabinet, schema, dryRun, force: extent === 'force', reason }, requester);
    }
  }
}

/** What the message says of a command that was carried out, or of a change of mode that was looked at. */
function donePayload(done: Carried, command: CommandRequest): Readonly<Record<string, unknown>> {
  const { ok: _, ...said } = done;
  const name = command.kind === 'operate' ? command.request.do : command.kind;
  if (!('failed' in said)) return { do: name, ...structuredClone(said) };
  const failed = said.failed.map(({ compartment, refusal }) => ({
    compartment,
    ...refusedPayload({ ok: false, refusal, text: textOf(refusal) }),
  }));
  return { do: name, ...said, opened: [...said.opened], failed };
}

function statusOf(done: Carried, command: CommandRequest): StatusText {
  if ('opened' in done) return countStatus('opened-all', done.opened.length, done.failed.length > 0);
  if ('lost' in done) {
    return done.done
      ? { fill: 'green', shape: 'dot', key: 'mode-changed', values: { schema: done.to } }
      : countStatus('would-lose', done.lost.length, done.lost.length > 0);
  }
  const opens = command.kind === 'operate' && command.request.do.endsWith('open');
  return compartmentStatus(opens ? 'opened' : 'done', done.compartment);
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-command', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<CommandSettings>(definition, migrations);
    const command: Station<CommandRequest, Carried> = {
      read: (payload) => commandRequest({ ...settings }, payload),
      ask: (gateway, request) => carryOut(gateway, request, this.id),
      payload: donePayload,
      status: statusOf,
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.gateway, command);
  });
}
