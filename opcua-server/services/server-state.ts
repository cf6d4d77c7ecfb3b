/**
 * What the Server object says of itself: ServiceLevel, ServerStatus.State, and, before it stops, why and when it is likely to be
 * back (OPC 10000-5, 6.3.1 and 12.10).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DataType,
  getMinOPCUADate,
  type OPCUAServer,
  ServerState,
  type UAVariable,
  VariableIds,
} from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import { NO_DATA } from './service-level.ts';

const MAINTENANCE = 0;
/** How long a restart usually takes, from the moment in which the port is closed. An update takes longer. */
const BACK_AFTER: Milliseconds = 60_000;
const STOPS = 'Sezam is being stopped or restarted.';

export class ServerStateShown {
  readonly #server: OPCUAServer;
  readonly #serviceLevel: UAVariable;
  readonly #returnTime: UAVariable;

  /** @param level the service level at first, 1 to 255 */
  constructor(server: OPCUAServer, level: number) {
    this.#server = server;
    this.#serviceLevel = variable(server, VariableIds.Server_ServiceLevel);
    this.#returnTime = variable(server, VariableIds.Server_EstimatedReturnTime);
    this.#setReturnTime(getMinOPCUADate());
    this.show(level);
  }

  /** Shows a service level from 1 to 255. */
  show(level: number): void {
    if (this.#server.getServerState() === ServerState.Shutdown) return;
    this.#setLevel(level);
    const state = level === NO_DATA ? ServerState.CommunicationFault : ServerState.Running;
    if (this.#server.getServerState() !== state) this.#server.setServerState(state);
  }

  /** Tells whoever is connected that the server stops, and gives them so long to see it. */
  async sayFarewell(notice: Milliseconds): Promise<void> {
    const { engine } = this.#server;
    this.#setLevel(MAINTENANCE);
    this.#setReturnTime(new Date(Date.now() + notice + BACK_AFTER));
    engine.setShutdownReason({ locale: 'en', text: STOPS });
    engine.setShutdownTime(new Date(Date.now() + notice));
    this.#server.setServerState(ServerState.Shutdown);
    engine.addressSpace?.rootFolder.objects.server.raiseEvent('SystemStatusChangeEventType', {
      systemState: { dataType: DataType.Int32, value: ServerState.Shutdown },
      sourceName: { dataType: DataType.String, value: 'Server' },
      message: { dataType: DataType.LocalizedText, value: { locale: 'en', text: STOPS } },
      severity: { dataType: DataType.UInt16, value: 500 },
    });
    if (engine.currentSessionCount > 0) await sleep(notice);
  }

  #setLevel(value: number): void {
    this.#serviceLevel.setValueFromSource({ dataType: DataType.Byte, value });
  }

  #setReturnTime(value: Date): void {
    this.#returnTime.setValueFromSource({ dataType: DataType.DateTime, value });
  }
}

/** A standard variable that keeps its value from here on, and is told of its changes: nobody has to ask again and again. */
function variable({ engine }: OPCUAServer, id: VariableIds): UAVariable {
  const node = engine.addressSpace?.findNode(`ns=0;i=${id}`) as UAVariable | null | undefined;
  if (!node) throw new Error(`The standard nodes have no ${VariableIds[id]}.`);
  node.bindVariable({}, true);
  node.minimumSamplingInterval = 0;
  return node;
}
