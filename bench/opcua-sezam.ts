/**
 * The process of Sezam's OPC UA server: the real server in its thread, fed by a gateway in memory with the real fold of
 * cabinets and the real book of alarms. What a gateway does until a change is durable has a benchmark of its own.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { GATEWAY } from '../domain/event.ts';
import type { Done, OperatorRequest } from '../gateway/api.ts';
import { startOpcUaServer } from '../opcua-server/host.ts';
import { MemoryGateway } from '../test/opcua-server/support/memory-gateway.ts';
import { serve, setupOfProcess } from './opcua-child.ts';
import { ALARMS, cabinetAt } from './opcua-protocol.ts';

/** Does what it is asked at once: the way to the gateway and back is measured, not the gateway. */
class ObedientGateway extends MemoryGateway {
  override async operate({ cabinet, compartment }: OperatorRequest): Promise<Done> {
    return { ok: true, cabinet, compartment };
  }
}

const { folder, cabinets, compartments } = setupOfProcess();
const ids = Array.from({ length: cabinets }, (_, cabinet) => cabinetAt(cabinet));
const gateway = new ObedientGateway(Object.fromEntries(ids.map((id) => [id, compartments])));
for (const { setting, compartments: places } of gateway.cabinets()) {
  // Doors of which no board has told anything would be shown as uncertain.
  const boards = Map.groupBy(places, ({ board }) => board);
  for (const [board, doors] of boards) {
    const closed = doors.map(({ number }) => number);
    gateway.append(setting.id, { type: 'doors-found', actor: GATEWAY, data: { board, open: [], closed } });
  }
}
let thread: Worker | undefined;
subscribe('worker_threads', (message) => {
  thread = (message as { worker: Worker }).worker;
});
const server = await startOpcUaServer({
  gateway,
  bind: '127.0.0.1',
  port: 0,
  folder,
  allowAnonymous: false,
  trustUnknownClients: true,
  siteName: 'Benchmark',
});

serve({
  endpointUrl: server.endpointUrl,
  async threadTime() {
    const { user = 0, system = 0 } = (await thread?.cpuUsage()) ?? {};
    return user + system;
  },
  changeDoor(change) {
    const { cabinet, compartment, first } = placeOf(change);
    gateway.append(
      cabinet,
      first
        ? { type: 'door-opened', actor: GATEWAY, data: { compartment, grant: 'grant' } }
        : { type: 'door-closed', actor: GATEWAY, data: { compartment } },
    );
  },
  changeAlarm(change) {
    const kind = ALARMS[change % ALARMS.length] ?? ALARMS[0];
    const { cabinet, compartment, first } = placeOf(Math.floor(change / ALARMS.length));
    const source = { source: 'compartment', cabinet, compartment } as const;
    void gateway.alarms.record([{ signs: () => [{ sign: first ? 'raised' : 'over', kind, source }] }]);
  },
  stop: () => server.close(),
});

/** The compartments one after the other, each in another cabinet; and whether this is their first change, the third, … */
function placeOf(change: number): { cabinet: string; compartment: number; first: boolean } {
  const all = compartments * cabinets;
  return {
    cabinet: ids[change % cabinets] ?? '',
    compartment: 1 + (Math.floor(change / cabinets) % compartments),
    first: Math.floor(change / all) % 2 === 0,
  };
}
