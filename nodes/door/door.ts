/** `sezam-door`: what the doors of a cabinet do, as the durable log has it. */

import type { CabinetId, CompartmentNumber, Milliseconds, UserId } from '../../domain/site.ts';
import type { CabinetChange } from '../../gateway/api.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import { followGateway, gatewayStatus, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { inWords, type StatusText } from '../status.ts';

interface DoorSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of a cabinet; empty: every cabinet. */
  readonly cabinet: string;
  /** Signals, separated by commas; empty: every signal. */
  readonly signals: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', cabinet: '', signals: '' })];

export const DOOR_SIGNALS = ['opened', 'closed', 'left-open', 'forced'] as const;
export type DoorSignal = (typeof DOOR_SIGNALS)[number];

/** Something that a door did. */
export interface DoorPayload {
  readonly signal: DoorSignal;
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Milliseconds;
  /** Number of the event in the cabinet's stream. */
  readonly seq: number;
  /** `opened`: public id of the grant that opened it. */
  readonly grant?: string;
  /** `opened`: who it was opened for. */
  readonly user?: UserId;
  /** `forced`: the door was found open when the gateway came back. */
  readonly whileAway?: boolean;
}

/** What a change says of a door, or undefined where it is about something else. */
export function doorPayload({ event, cabinet }: CabinetChange): DoorPayload | undefined {
  const where = { cabinet: cabinet.setting.id, at: Date.parse(event.at), seq: event.seq };
  if (event.type === 'door-opened') return { signal: 'opened', ...where, ...event.data };
  if (event.type === 'door-closed') return { signal: 'closed', ...where, ...event.data };
  if (event.type === 'door-left-open') return { signal: 'left-open', ...where, ...event.data };
  if (event.type === 'door-forced') return { signal: 'forced', ...where, ...event.data };
  return undefined;
}

function statusOf({ signal, compartment }: DoorPayload): StatusText {
  const alarm = signal === 'forced' || signal === 'left-open';
  return { fill: alarm ? 'red' : 'green', shape: 'dot', key: `door-${signal}`, values: { compartment } };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-door', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<DoorSettings>(definition, migrations);
    const signals = parseChoice(settings.signals);
    const show = (status: StatusText): void => this.status(inWords(RED, status));
    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      (gateway) =>
        gateway.onChange((change) => {
          const payload = doorPayload(change);
          if (!payload || !isChosen(signals, payload.signal)) return;
          if (settings.cabinet !== '' && settings.cabinet !== payload.cabinet) return;
          show(statusOf(payload));
          this.send({ topic: payload.cabinet, payload });
        }),
      (state) => show(state.kind === 'absent' ? explain(state.error).status : gatewayStatus(state)),
      (error) => this.error(explain(error).error.message),
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      done();
    });
  });
}
