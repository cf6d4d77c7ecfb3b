/** The object of the site under Objects: its name, its alarms, its cabinets and its cassettes. */
import { DataType, type UAObject } from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CabinetId, Milliseconds } from '../domain/site.ts';
import { AlarmSummaries, AlarmSummary } from './alarm-summaries.ts';
import { CabinetObject } from './cabinet-object.ts';
import type { CabinetDelta, CabinetValue } from './cabinet-value.ts';
import { CassetteFolder } from './cassette-folder.ts';
import type { Stale } from './freshness.ts';
import { addInstance, type Instance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import type { AlarmValue, CassetteValue } from './protocol.ts';
import { companionObject } from './types.ts';

/** The object of OPC 40001-1 under which clients look for machines. */
const MACHINES = 'i=1001';

export class SiteObject {
  readonly #model: Model;
  readonly #instance: Instance;
  readonly #cassettes: CassetteFolder;
  readonly #alarms: AlarmSummary;
  readonly #summaries: AlarmSummaries;
  readonly #cabinets = new Map<CabinetId, CabinetObject>();
  #stale: Stale = new Set();

  constructor(model: Model, siteName: string, signals: SignalPatterns) {
    const { addressSpace, types, changes } = model;
    this.#model = model;
    const type = types.type('SiteType');
    this.#instance = addInstance(model, {
      type,
      shape: shapeOf(type),
      under: { organizedBy: addressSpace.rootFolder.objects },
      nodeId: nodeIds.site,
      browseName: 'Sezam',
      eventNotifier: 1,
      nodeIdOf: (path) => FOLDERS[path],
    });
    this.#instance.variables.get('Name')?.setValueFromSource({ dataType: DataType.String, value: siteName });
    this.#alarms = new AlarmSummary((name) => this.#instance.variable(`Alarms/${name}`));
    this.#summaries = new AlarmSummaries((cabinet) =>
      cabinet === '' ? { alarms: this.#alarms } : this.#cabinets.get(cabinet),
    );
    const server = addressSpace.rootFolder.objects.server;
    server.addReference({ referenceType: 'HasNotifier', nodeId: this.#instance.node.nodeId });
    for (const name of ['Cabinets', 'Cassettes'] as const) changes.version(this.#instance.object(name));
    this.#cassettes = new CassetteFolder(model, this.#instance.object('Cassettes'), signals, (node) =>
      this.#added(node, 'Cassettes'),
    );
  }

  /** The object itself: what happens at the site is told from here. */
  get node(): UAObject {
    return this.#instance.node;
  }

  /** Shows whole cabinets and cassettes, and makes those that are new. */
  replace(cabinets: readonly CabinetValue[], cassettes: readonly CassetteValue[]): void {
    this.#frugally(() => {
      for (const value of cabinets) {
        const cabinet = this.#cabinets.get(value.id);
        if (cabinet?.fits(value)) cabinet.replace(value);
        else {
          if (cabinet) this.remove([value.id]);
          this.#add(value);
        }
      }
      this.#cassettes.show(cassettes);
    });
    this.#model.changes.tell();
  }

  /** Takes away cabinets that are no longer of the site. */
  remove(cabinets: readonly CabinetId[]): void {
    for (const id of cabinets) {
      const cabinet = this.#cabinets.get(id);
      if (!cabinet) continue;
      this.#cabinets.delete(id);
      this.#model.changes.removed(cabinet.node, this.#instance.object('Cabinets'));
      this.#frugally(() => this.#model.namespace.deleteNode(cabinet.node));
    }
    this.#model.changes.tell();
  }

  /** Shows what changed of cabinets that are there. */
  show(deltas: readonly CabinetDelta[]): void {
    for (const delta of deltas) this.#cabinets.get(delta.id)?.show(delta);
  }

  /** The object of a cabinet; undefined where the site has none of that id. */
  cabinet(id: CabinetId): CabinetObject | undefined {
    return this.#cabinets.get(id);
  }

  /** Shows what changes of alarms come to, in numbers. */
  showAlarms(changes: readonly AlarmValue[], at: Milliseconds): void {
    this.#summaries.show(changes, at);
  }

  /** Says of cabinets, and of everything else, whether what they show may no longer be so. */
  showStale(stale: Stale): void {
    this.#stale = stale;
    for (const [id, cabinet] of this.#cabinets) cabinet.showStale(isStale(stale, id));
    this.#alarms.showStale(stale === 'everything');
    this.#cassettes.showStale(stale === 'everything');
  }

  #add(value: CabinetValue): void {
    const cabinet = new CabinetObject(this.#model, this.#instance.object('Cabinets'), value);
    this.#cabinets.set(value.id, cabinet);
    cabinet.showStale(isStale(this.#stale, value.id));
    this.#added(cabinet.node, 'Cabinets');
    this.#summaries.showAgain(value.id, Date.now());
    if (value.nameplate)
      companionObject(this.#model.addressSpace, 'machinery', MACHINES).addReference({
        referenceType: 'Organizes',
        nodeId: cabinet.node.nodeId,
      });
  }

  #added(node: UAObject, folder: 'Cabinets' | 'Cassettes'): void {
    this.#instance.node.addReference({ referenceType: 'HasNotifier', nodeId: node.nodeId });
    this.#model.changes.added(node, this.#instance.object(folder));
  }

  /**
   * A cabinet of 512 compartments is 2,600 nodes: without accessors by name on parents and without looking for listeners
   * of model changes, which are told here by themselves, they take two thirds of the memory.
   */
  #frugally(work: () => void): void {
    const { addressSpace } = this.#model;
    const { isFrugal, suspendModelChangeEvents } = addressSpace;
    addressSpace.isFrugal = true;
    addressSpace.suspendModelChangeEvents = true;
    try {
      work();
    } finally {
      addressSpace.isFrugal = isFrugal;
      addressSpace.suspendModelChangeEvents = suspendModelChangeEvents;
    }
  }
}

/** Folders that have a short node id of their own. */
const FOLDERS: Readonly<Record<string, string>> = {
  Cabinets: nodeIds.cabinets,
  Cassettes: nodeIds.cassettes,
};

function isStale(stale: Stale, cabinet: CabinetId): boolean {
  return stale === 'everything' || stale.has(cabinet);
}
