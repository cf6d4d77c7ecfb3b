/** A server over the real book of alarms: cabinets `A` and `B`, cassette `C/1`, and alarms that the test raises and ends. */
import {
  type CallMethodResult,
  DataType,
  LocalizedText,
  type OPCUAClientOptions,
  resolveNodeId,
  type UserIdentityInfo,
  type VariantOptions,
} from 'node-opcua';
import type { AlarmId, AlarmSource } from '../../../domain/alarms/alarm.ts';
import type { AlarmCommand } from '../../../domain/alarms/events.ts';
import type { AlarmKind } from '../../../domain/alarms/kinds.ts';
import type { AlarmSign } from '../../../domain/alarms/sign.ts';
import type { Requester } from '../../../gateway/api.ts';
import type { OpcUaServerOptions } from '../../../opcua-server/host.ts';
import type { TestClient } from './client.ts';
import { EventWatch, type WatchOptions } from './event-watch.ts';
import { SecuredServer } from './secured-server.ts';

export const DOOR: AlarmSource = { source: 'compartment', cabinet: 'A', compartment: 2 };
export const FORCED = 'door-forced@A/2';
export const CASSETTE: AlarmSource = { source: 'cassette', cassette: 'C/1' };
const ADMINISTRATOR: Requester = {
  kind: 'administrator',
  principal: { user: 'u-admin', login: 'admin', roles: ['administrator'] },
};

export class AlarmServer {
  readonly server: SecuredServer;

  private constructor(server: SecuredServer) {
    this.server = server;
  }

  static async start(options: Partial<OpcUaServerOptions> = {}): Promise<AlarmServer> {
    return new AlarmServer(await SecuredServer.start(options));
  }

  get alarms(): SecuredServer['gateway']['alarms'] {
    return this.server.gateway.alarms;
  }

  connect(user?: UserIdentityInfo, options?: OPCUAClientOptions): Promise<TestClient> {
    return this.server.connect(user, options);
  }

  /** A client that is logged in and listens. */
  async watch(
    user: UserIdentityInfo | undefined,
    options?: WatchOptions,
    client?: OPCUAClientOptions,
  ): Promise<{ readonly client: TestClient; readonly watch: EventWatch }> {
    const connected = await this.connect(user, client);
    return { client: connected, watch: await EventWatch.on(connected, options) };
  }

  raise(kind: AlarmKind, source: AlarmSource = DOOR, part?: string): Promise<number> {
    return this.#sign([{ sign: 'raised', kind, source, ...(part !== undefined && { part }) }]);
  }

  over(kind: AlarmKind, source: AlarmSource = DOOR, part?: string): Promise<number> {
    return this.#sign([{ sign: 'over', kind, source, ...(part !== undefined && { part }) }]);
  }

  /** Many alarms at once, of one compartment. */
  async raiseMany(kind: AlarmKind, count: number): Promise<void> {
    await this.#sign(
      Array.from({ length: count }, (_, index) => ({
        sign: 'raised',
        kind,
        source: DOOR,
        part: `p${index}`,
      })),
    );
  }

  /** Somebody does something to an alarm elsewhere: at the command line, in a flow. */
  async command(command: AlarmCommand, requester = ADMINISTRATOR): Promise<void> {
    const outcome = await this.alarms.command(command, requester);
    if (!outcome.ok) throw new Error(outcome.text.en);
  }

  /** Forgets all alarms that are left, and everything that is connected. */
  async clear(): Promise<void> {
    await this.server.disconnect();
    for (const { id, kind, source, part, ...alarm } of this.alarms.list()) {
      if (alarm.current.ended === undefined) await this.over(kind, source, part);
      if (!alarm.enabled) await this.command({ do: 'enable', alarm: id });
      if (alarm.shelving) await this.command({ do: 'unshelve', alarm: id });
      if (alarm.suppressed) await this.command({ do: 'release', alarm: id });
      if (alarm.outOfService) await this.command({ do: 'put-back', alarm: id });
      for (const { number, acknowledged, confirmed } of [...alarm.earlier, alarm.current]) {
        if (!acknowledged) await this.command({ do: 'acknowledge', alarm: id, number });
        if (!confirmed) await this.command({ do: 'confirm', alarm: id, number });
      }
    }
  }

  async close(): Promise<void> {
    await this.server.close();
  }

  #sign(signs: readonly AlarmSign[]): Promise<number> {
    return this.alarms.record([{ signs: () => signs }]);
  }
}

export function conditionNode(alarm: AlarmId): string {
  return `ns=1;s=alarm/${alarm}`;
}

/** The methods by their ids at the types (OPC 10000-9). */
export const METHODS = {
  Enable: 9027,
  Disable: 9028,
  AddComment: 9029,
  Acknowledge: 9111,
  Confirm: 9113,
  Unshelve: 2947,
  OneShotShelve: 2948,
  TimedShelve: 2949,
  TimedShelve2: 24756,
  Unshelve2: 24758,
  OneShotShelve2: 24760,
  Silence: 16402,
  Suppress: 16403,
  Unsuppress: 17868,
  RemoveFromService: 17869,
  PlaceInService: 17870,
  Reset: 18199,
  Suppress2: 24316,
  Unsuppress2: 24318,
  RemoveFromService2: 24320,
  PlaceInService2: 24322,
  GetGroupMemberships: 24744,
} as const;
export type MethodName = keyof typeof METHODS;

/** Calls a method of a condition, by the id of its type. */
export function callCondition(
  { session }: TestClient,
  alarm: AlarmId,
  method: MethodName,
  ...inputArguments: VariantOptions[]
): Promise<CallMethodResult> {
  return session.call({
    objectId: resolveNodeId(conditionNode(alarm)),
    methodId: resolveNodeId(`i=${METHODS[method]}`),
    inputArguments,
  });
}

export const eventId = (hex: unknown): VariantOptions => ({
  dataType: DataType.ByteString,
  value: Buffer.from(String(hex), 'hex'),
});
export const comment = (text: string): VariantOptions => ({
  dataType: DataType.LocalizedText,
  value: new LocalizedText({ text }),
});
export const milliseconds = (value: number): VariantOptions => ({ dataType: DataType.Double, value });
