/** The object of the site under Objects: its name, its cabinets and its cassettes. */
import { DataType, type Namespace, StatusCodes, type UAObject, type UAObjectType } from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CabinetId } from '../domain/site.ts';
import { CabinetObject } from './cabinet-object.ts';
import { CassetteFolder } from './cassette-folder.ts';
import type { Model } from './model.ts';
import { english, nodeIds } from './names.ts';
import type { CabinetDelta, CabinetValue, CassetteValue } from './protocol.ts';

const TYPE = 'SiteType';
const NAME = english('Name');
const CABINETS = english('Cabinets');

/** Adds the type of the site. */
export function addSiteType(namespace: Namespace, cabinetType: UAObjectType): UAObjectType {
  const typeId = nodeIds.type(TYPE);
  const type = namespace.addObjectType({
    browseName: TYPE,
    nodeId: typeId,
    displayName: english('Site'),
    description: 'A site with locker cabinets and cassettes, served by one gateway.',
    subtypeOf: 'BaseObjectType',
  });
  namespace.addVariable({
    componentOf: type,
    nodeId: `${typeId}/Name`,
    browseName: 'Name',
    displayName: NAME,
    dataType: DataType.String,
    accessLevel: 'CurrentRead',
    modellingRule: 'Mandatory',
  });
  const cabinets = namespace.addObject({
    componentOf: type,
    nodeId: `${typeId}/Cabinets`,
    browseName: 'Cabinets',
    displayName: CABINETS,
    typeDefinition: 'FolderType',
    modellingRule: 'Mandatory',
  });
  namespace.addObject({
    organizedBy: cabinets,
    nodeId: `${typeId}/Cabinets/<Cabinet>`,
    browseName: '<Cabinet>',
    description: 'One object for each cabinet, named by its id.',
    typeDefinition: cabinetType.nodeId,
    modellingRule: 'OptionalPlaceholder',
  });
  return type;
}

export class SiteObject {
  readonly #model: Model;
  readonly #folder: UAObject;
  readonly #cassettes: CassetteFolder;
  readonly #cabinets = new Map<CabinetId, CabinetObject>();

  constructor(model: Model, siteName: string, signals: SignalPatterns) {
    const { namespace, addressSpace } = model;
    this.#model = model;
    const site = namespace.addObject({
      organizedBy: addressSpace.rootFolder.objects,
      nodeId: nodeIds.site,
      browseName: 'Sezam',
      displayName: 'Sezam',
      description: 'The locker cabinets and cassettes of this site.',
      typeDefinition: model.siteType.nodeId,
    });
    namespace
      .addVariable({
        componentOf: site,
        nodeId: `${nodeIds.site}/Name`,
        browseName: 'Name',
        displayName: NAME,
        dataType: DataType.String,
        accessLevel: 'CurrentRead',
        minimumSamplingInterval: 0,
      })
      .setValueFromSource({ dataType: DataType.String, value: siteName }, StatusCodes.Good);
    this.#folder = namespace.addObject({
      componentOf: site,
      nodeId: nodeIds.cabinets,
      browseName: 'Cabinets',
      displayName: CABINETS,
      typeDefinition: 'FolderType',
    });
    this.#cassettes = new CassetteFolder(model, site, signals);
  }

  /** Shows whole cabinets and cassettes, and makes those that are new. */
  replace(cabinets: readonly CabinetValue[], cassettes: readonly CassetteValue[]): void {
    const { addressSpace } = this.#model;
    // A cabinet of 512 compartments is 2,600 nodes: without accessors by name on parents and without looking for
    // listeners of model changes (there are none), they take two thirds of the memory.
    const { isFrugal, suspendModelChangeEvents } = addressSpace;
    addressSpace.isFrugal = true;
    addressSpace.suspendModelChangeEvents = true;
    try {
      for (const value of cabinets) {
        const cabinet = this.#cabinets.get(value.id);
        if (cabinet) cabinet.replace(value);
        else this.#cabinets.set(value.id, new CabinetObject(this.#model, this.#folder, value));
      }
      this.#cassettes.show(cassettes);
    } finally {
      addressSpace.isFrugal = isFrugal;
      addressSpace.suspendModelChangeEvents = suspendModelChangeEvents;
    }
  }

  /** Shows changed compartments of cabinets that are there. */
  show(deltas: readonly CabinetDelta[]): void {
    for (const { id, compartments } of deltas) this.#cabinets.get(id)?.show(compartments);
  }
}
