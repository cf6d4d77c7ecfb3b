/** The models that this one rests on, as far as it names what is in them. */
import { DataType, DataTypeIds, ObjectTypeIds, ReferenceTypeIds, VariableTypeIds } from 'node-opcua';
import type { OtherModel, TypeName } from './design.ts';

export interface RequiredModel {
  readonly uri: string;
  readonly version: string;
  /** UTC, as the model's own NodeSet says. */
  readonly published: string;
}

/** In the order in which they need each other. */
export const REQUIRED_MODELS: Readonly<Record<OtherModel, RequiredModel>> = {
  ua: { uri: 'http://opcfoundation.org/UA/', version: '1.05.02', published: '2022-10-01T00:00:00Z' },
  di: { uri: 'http://opcfoundation.org/UA/DI/', version: '1.04.0', published: '2022-11-03T00:00:00Z' },
  machinery: {
    uri: 'http://opcfoundation.org/UA/Machinery/',
    version: '1.0.0',
    published: '2020-09-25T00:00:00Z',
  },
  autoid: {
    uri: 'http://opcfoundation.org/UA/AutoID/',
    version: '1.01',
    published: '2020-06-18T13:52:03Z',
  },
};

/** Numbers of what is named of the companion specifications (OPC 10000-100, OPC 40001-1, OPC 30010). */
const COMPANION_IDS: Readonly<Record<Exclude<OtherModel, 'ua'>, Readonly<Record<string, number>>>> = {
  di: { DeviceType: 1002, FunctionalGroupType: 1005, DeviceHealthEnumeration: 6244 },
  machinery: { MachineIdentificationType: 1012 },
  autoid: { RfidReaderDeviceType: 1003, RfidScanEventType: 1006, DeviceStatusEnumeration: 3003 },
};

/** The model and the number of a type of another model. @throws where there is none of that name */
export function standardType(name: TypeName): { readonly model: OtherModel; readonly id: number } {
  const [model, browse] = name.split(':') as [OtherModel, string | undefined];
  const id = browse === undefined ? undefined : idOf(model, browse);
  if (id === undefined) throw new Error(`There is no type "${name}" in the models that this one rests on.`);
  return { model, id };
}

function idOf(model: OtherModel, browse: string): number | undefined {
  if (model !== 'ua') return COMPANION_IDS[model][browse];
  for (const ids of [ObjectTypeIds, VariableTypeIds, ReferenceTypeIds, DataTypeIds]) {
    const id = (ids as unknown as Readonly<Record<string, number>>)[browse];
    if (id !== undefined) return id;
  }
  return (DataType as unknown as Readonly<Record<string, number>>)[browse];
}
