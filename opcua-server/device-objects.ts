/** Lock boards and readers of a cabinet. */
import {
  type BaseNode,
  BrowseDirection,
  DataType,
  type ExtensionObject,
  type UAObject,
  VariantArrayType,
} from 'node-opcua';
import type { CabinetId, ReaderId } from '../domain/site.ts';
import type { ScanNotice } from '../gateway/api.ts';
import type { LockBoardValue, ReaderValue } from './cabinet-value.ts';
import { REQUIRED_MODELS } from './design/standard.ts';
import { addInstance, type Instance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import { type Plain, qualityOf, ShownValue } from './shown-value.ts';
import { companionObject } from './types.ts';
import { english } from './words.ts';

/** DeviceHealthEnumeration of OPC 10000-100, 4.5.4. */
const NORMAL = 0;
const FAILURE = 1;
/** DeviceStatusEnumeration of OPC 30010, 9.2.3. */
const IDLE = 0;
const ERROR = 1;
/** Clients may subscribe to its events (OPC 10000-3, 8.17). */
const SUBSCRIBE = 1;
/** A revision counter that is not kept (OPC 10000-100, 4.5.2). */
const NO_REVISION = -1;
/** Where clients look for devices (OPC 10000-100, 4.9). */
const DEVICE_SET = 'i=5001';
/** What is read by radio or contact: cards and chips. Codes that are typed or scanned are nothing of an RFID reader. */
const RADIO: ReadonlySet<ScanNotice['kind']> = new Set(['card', 'ibutton']);
/** Severity of what calls for nobody. */
const LEAST_URGENT = 100;
/** Of the model that readers follow (OPC 30010). */
const AUTOID_VERSION = '1.01';

export class LockBoardObject {
  readonly #instance: Instance;
  readonly #health: ShownValue;
  readonly #bus: ShownValue;
  readonly #product: ShownValue;
  readonly #compartments: ShownValue;
  #value: LockBoardValue;

  constructor(model: Model, folder: UAObject, cabinet: CabinetId, value: LockBoardValue, stale: boolean) {
    const { id } = value;
    this.#instance = addDevice(model, folder, 'LockBoardType', nodeIds.lockBoard(cabinet, id), id);
    this.#health = new ShownValue(this.#instance.variable('DeviceHealth'), DataType.Int32);
    this.#bus = new ShownValue(this.#instance.variable('Bus'), DataType.String);
    this.#product = new ShownValue(this.#instance.variable('Model'), DataType.LocalizedText);
    this.#compartments = new ShownValue(this.#instance.variable('Compartments'), DataType.UInt16);
    this.#value = value;
    this.show(value, stale);
  }

  get node(): UAObject {
    return this.#instance.node;
  }

  /** What is shown. */
  get value(): LockBoardValue {
    return this.#value;
  }

  /** @param stale whether it may no longer be so */
  show(value: LockBoardValue, stale: boolean): void {
    this.#value = value;
    const { answering, bus, model, compartments, at } = value;
    this.#health.show(answering ? NORMAL : FAILURE, at, qualityOf(stale));
    this.#bus.show(bus, at);
    this.#product.show(english(model), at);
    this.#compartments.show(Uint16Array.from(compartments), at);
  }
}

export class ReaderObject {
  readonly #instance: Instance;
  readonly #health: ShownValue;
  readonly #status: ShownValue;
  readonly #lastScan: ShownValue;
  readonly #bus: ShownValue;
  readonly #panel: ShownValue;
  readonly #model: Model;
  readonly #id: ReaderId;
  #value: ReaderValue;

  constructor(model: Model, folder: UAObject, cabinet: CabinetId, value: ReaderValue, stale: boolean) {
    const { id, at } = value;
    this.#model = model;
    this.#id = id;
    this.#instance = addDevice(model, folder, 'ReaderType', nodeIds.reader(cabinet, id), id, SUBSCRIBE);
    constant(this.#instance, 'Model', DataType.LocalizedText, english(''));
    constant(this.#instance, 'DeviceName', DataType.String, id);
    constant(this.#instance, 'AutoIdModelVersion', DataType.String, AUTOID_VERSION);
    this.#health = new ShownValue(this.#instance.variable('DeviceHealth'), DataType.Int32);
    this.#status = new ShownValue(this.#instance.variable('DeviceStatus'), DataType.Int32);
    this.#lastScan = new ShownValue(this.#instance.variable('LastScanTimestamp'), DataType.DateTime);
    this.#bus = new ShownValue(this.#instance.variable('Bus'), DataType.String);
    this.#panel = new ShownValue(this.#instance.variable('Panel'), DataType.String);
    this.#lastScan.show(null, at);
    this.#value = value;
    this.show(value, stale);
  }

  get node(): UAObject {
    return this.#instance.node;
  }

  /** What is shown. */
  get value(): ReaderValue {
    return this.#value;
  }

  /** @param stale whether it may no longer be so */
  show(value: ReaderValue, stale: boolean): void {
    this.#value = value;
    const { connected, bus, panel, at } = value;
    this.#health.show(connected ? NORMAL : FAILURE, at, qualityOf(stale));
    this.#status.show(connected ? IDLE : ERROR, at, qualityOf(stale));
    this.#bus.show(bus, at);
    this.#panel.show(panel, at);
  }

  /** Something was read; what it was is told to nobody. */
  scanned({ kind, at }: ScanNotice): void {
    const time = new Date(at);
    this.#lastScan.show(time, at);
    if (!RADIO.has(kind) || !isHeard(this.node)) return;
    this.node.raiseEvent(this.#model.types.type('ReaderScanEventType'), {
      deviceName: { dataType: DataType.String, value: this.#id },
      scanResult: {
        dataType: DataType.ExtensionObject,
        arrayType: VariantArrayType.Array,
        value: [scanResult(this.#model, time)],
      },
      message: { dataType: DataType.LocalizedText, value: english(`Something was read at ${this.#id}.`) },
      severity: { dataType: DataType.UInt16, value: LEAST_URGENT },
      sourceName: { dataType: DataType.String, value: this.#id },
      time: { dataType: DataType.DateTime, value: time },
    });
  }
}

/** Whether somebody listens to an object, or to one that tells of it (HasNotifier). */
function isHeard(node: BaseNode): boolean {
  return (
    node.listenerCount('event') > 0 ||
    node
      .findReferencesExAsObject('HasNotifier', BrowseDirection.Inverse)
      .some((notifier) => isHeard(notifier))
  );
}

/** What a reading is told as: its kind and time. The data, which may open doors, are left out. */
function scanResult({ addressSpace }: Model, timestamp: Date): ExtensionObject {
  const autoid = addressSpace.getNamespaceIndex(REQUIRED_MODELS.autoid.uri);
  const type = addressSpace.findDataType('RfidScanResult', autoid);
  if (!type) throw new Error('The model of OPC 30010 has no RfidScanResult.');
  return addressSpace.constructExtensionObject(type, {
    codeType: 'UID',
    scanData: { string: '' },
    timestamp,
    sighting: [],
  });
}

/** Adds a device with the nameplate that every device has to have; what nobody knows of it is empty. */
function addDevice(
  model: Model,
  folder: UAObject,
  typeName: string,
  nodeId: string,
  id: string,
  eventNotifier = 0,
): Instance {
  const type = model.types.type(typeName);
  const instance = addInstance(model, {
    type,
    shape: shapeOf(type),
    under: { componentOf: folder },
    nodeId,
    browseName: id,
    eventNotifier,
  });
  companionObject(model.addressSpace, 'di', DEVICE_SET).addReference({
    referenceType: 'Organizes',
    nodeId: instance.node.nodeId,
  });
  constant(instance, 'Manufacturer', DataType.LocalizedText, english(''));
  for (const name of [
    'HardwareRevision',
    'SoftwareRevision',
    'DeviceRevision',
    'DeviceManual',
    'SerialNumber',
  ]) {
    constant(instance, name, DataType.String, '');
  }
  constant(instance, 'RevisionCounter', DataType.Int32, NO_REVISION);
  return instance;
}

function constant(instance: Instance, path: string, dataType: DataType, value: Plain): void {
  instance.variable(path).setValueFromSource({ dataType, value });
}
