/**
 * The process of the server that Sezam is compared with: node-opcua as it comes, with as many plain variables of the same
 * types under the same names, and a method that takes and gives the same.
 */
import { join } from 'node:path';
import {
  DataType,
  type ISessionContext,
  LocalizedText,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  type UAVariable,
  type Variant,
} from 'node-opcua';
import { serve, setupOfProcess } from './opcua-child.ts';
import { ALARMS, cabinetAt, METHOD, VALUES, valueId } from './opcua-protocol.ts';

const OPEN = 2;
const CLOSED = 1;
/** Values as Sezam has them of a compartment that nobody holds. */
const FIRST = {
  State: { dataType: DataType.Int32, value: 0 },
  Door: { dataType: DataType.Int32, value: CLOSED },
  OccupiedSince: { dataType: DataType.DateTime, value: null },
  Occupant: { dataType: DataType.String, value: '' },
} as const;

const { folder, cabinets, compartments } = setupOfProcess();
const server = new OPCUAServer({
  host: '127.0.0.1',
  port: 0,
  hostname: '127.0.0.1',
  securityPolicies: [SecurityPolicy.Basic256Sha256],
  securityModes: [MessageSecurityMode.SignAndEncrypt],
  serverCertificateManager: new OPCUACertificateManager({
    rootFolder: join(folder, 'applications'),
    automaticallyAcceptUnknownCertificate: true,
  }),
  userCertificateManager: new OPCUACertificateManager({ rootFolder: join(folder, 'persons') }),
});
await server.initialize();
const { addressSpace } = server.engine;
if (!addressSpace) throw new Error('The standard nodes could not be loaded.');
const namespace = addressSpace.getOwnNamespace();
const serverObject = addressSpace.rootFolder.objects.server;
const doors: UAVariable[] = [];
for (let cabinet = 0; cabinet < cabinets; cabinet += 1) {
  const id = cabinetAt(cabinet);
  const object = namespace.addObject({
    organizedBy: addressSpace.rootFolder.objects,
    nodeId: `s=cabinet/${id}`,
    browseName: id,
  });
  const places = namespace.addObject({
    componentOf: object,
    browseName: 'Compartments',
    typeDefinition: 'FolderType',
  });
  for (let compartment = 1; compartment <= compartments; compartment += 1) {
    const place = namespace.addObject({ componentOf: places, browseName: String(compartment) });
    for (const name of VALUES) {
      const variable = namespace.addVariable({
        componentOf: place,
        nodeId: `s=${valueId(id, compartment, name)}`,
        browseName: name,
        dataType: FIRST[name].dataType,
        accessLevel: 'CurrentRead',
      });
      variable.setValueFromSource(FIRST[name], StatusCodes.Good, new Date());
      if (name === 'Door') doors.push(variable);
    }
  }
}
const called = addressSpace.findNode(`ns=${namespace.index};s=${METHOD.object}`);
if (called && 'typeDefinition' in called) {
  namespace
    .addMethod(called as Parameters<typeof namespace.addMethod>[0], {
      nodeId: `s=${METHOD.method}`,
      browseName: 'Open',
      inputArguments: [
        { name: 'Compartment', dataType: DataType.UInt16 },
        { name: 'Reason', dataType: DataType.String },
      ],
      outputArguments: [
        { name: 'Result', dataType: DataType.String },
        { name: 'Text', dataType: DataType.LocalizedText },
      ],
    })
    .bindMethod(async (_inputs: Variant[], _context: ISessionContext) => ({
      statusCode: StatusCodes.Good,
      outputArguments: [
        { dataType: DataType.String, value: 'ok' },
        {
          dataType: DataType.LocalizedText,
          value: new LocalizedText({ text: 'The compartment is open.', locale: 'en' }),
        },
      ],
    }));
}
await server.start();

serve({
  endpointUrl: server.getEndpointUrl(),
  async threadTime() {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  },
  changeDoor(change) {
    const opens = Math.floor(change / doors.length) % 2 === 0;
    doors[change % doors.length]?.setValueFromSource(
      { dataType: DataType.Int32, value: opens ? OPEN : CLOSED },
      StatusCodes.Good,
      new Date(),
    );
  },
  changeAlarm(change) {
    const kind = ALARMS[change % ALARMS.length] ?? ALARMS[0];
    const place = Math.floor(change / ALARMS.length);
    const active = Math.floor(place / doors.length) % 2 === 0;
    serverObject.raiseEvent('OffNormalAlarmType', {
      sourceName: { dataType: DataType.String, value: `Compartment ${1 + (place % doors.length)}` },
      message: { dataType: DataType.LocalizedText, value: { locale: 'en', text: kind } },
      severity: { dataType: DataType.UInt16, value: 850 },
      conditionName: { dataType: DataType.String, value: kind },
      retain: { dataType: DataType.Boolean, value: active },
    });
  },
  stop: () => server.shutdown(0),
});
