/** The folder of all cassettes under the site. */
import type { Namespace, UAObject, UAObjectType } from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteId } from '../domain/site.ts';
import { CassetteObject } from './cassette-object.ts';
import type { Model } from './model.ts';
import { english, nodeIds } from './names.ts';
import type { CassetteValue } from './protocol.ts';

const CASSETTES = english('Cassettes');

/** Declares the folder of cassettes in the type of the site. */
export function addCassettesToSiteType(
  namespace: Namespace,
  siteType: UAObjectType,
  cassetteType: UAObjectType,
): void {
  const folderId = `${nodeIds.type('SiteType')}/Cassettes`;
  const folder = namespace.addObject({
    componentOf: siteType,
    nodeId: folderId,
    browseName: 'Cassettes',
    displayName: CASSETTES,
    typeDefinition: 'FolderType',
    modellingRule: 'Mandatory',
  });
  namespace.addObject({
    organizedBy: folder,
    nodeId: `${folderId}/<Cassette>`,
    browseName: '<Cassette>',
    description: 'One object for each cassette, named by its id.',
    typeDefinition: cassetteType.nodeId,
    modellingRule: 'OptionalPlaceholder',
  });
}

export class CassetteFolder {
  readonly #model: Model;
  readonly #signals: SignalPatterns;
  readonly #folder: UAObject;
  readonly #cassettes = new Map<CassetteId, CassetteObject>();

  constructor(model: Model, site: UAObject, signals: SignalPatterns) {
    this.#model = model;
    this.#signals = signals;
    this.#folder = model.namespace.addObject({
      componentOf: site,
      nodeId: nodeIds.cassettes,
      browseName: 'Cassettes',
      displayName: CASSETTES,
      typeDefinition: 'FolderType',
    });
  }

  /** Shows cassettes, and makes those that are new. */
  show(values: readonly CassetteValue[]): void {
    for (const value of values) {
      const { id } = value.view;
      const cassette = this.#cassettes.get(id);
      if (cassette) cassette.show(value);
      else this.#cassettes.set(id, new CassetteObject(this.#model, this.#folder, value, this.#signals));
    }
  }
}
