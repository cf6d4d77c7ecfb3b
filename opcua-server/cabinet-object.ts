/** The object of one cabinet: what it is called, its compact view, its devices, its methods and compartments. */
import { DataType, type UAObject } from 'node-opcua';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { Nameplate, ScanNotice } from '../gateway/api.ts';
import { AlarmSummary, type SummarizedPlace } from './alarm-summaries.ts';
import { isCabinetCommand } from './cabinet-command-table.ts';
import type {
  CabinetDelta,
  CabinetValue,
  CompartmentValue,
  LockBoardValue,
  ReaderValue,
} from './cabinet-value.ts';
import { CompartmentObject } from './compartment-object.ts';
import { LockBoardObject, ReaderObject } from './device-objects.ts';
import { WITH_EVENT_HISTORY } from './history/attributes.ts';
import { addInstance, type Instance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import { ShownValue } from './shown-value.ts';
import { SummaryObject } from './summary-object.ts';
import { english } from './words.ts';

/** What may come and go while clients are connected stands in these. */
const FOLDERS = ['Compartments', 'LockBoards', 'Readers'] as const;
type Folder = (typeof FOLDERS)[number];

/** The nameplate's fields, as they are called in the type. */
const NAMEPLATE = {
  manufacturer: { path: 'Manufacturer', type: DataType.LocalizedText },
  productInstanceUri: { path: 'ProductInstanceUri', type: DataType.String },
  serialNumber: { path: 'SerialNumber', type: DataType.String },
  model: { path: 'Model', type: DataType.LocalizedText },
  yearOfConstruction: { path: 'YearOfConstruction', type: DataType.UInt16 },
  location: { path: 'Location', type: DataType.String },
  assetId: { path: 'AssetId', type: DataType.String },
} as const satisfies Readonly<Record<keyof Nameplate, unknown>>;

export class CabinetObject implements SummarizedPlace {
  readonly #model: Model;
  readonly #id: CabinetId;
  readonly #instance: Instance;
  readonly #name: ShownValue;
  readonly #schema: ShownValue;
  readonly #summary: SummaryObject;
  /** How its alarms stand. */
  readonly alarms: AlarmSummary;
  /** The parts of the nameplate, to compare them by. */
  readonly #nameplate: string;
  /** Clients that are told of the cabinet find what it has from the beginning by themselves. */
  #made = false;
  /** What is shown may no longer be so. */
  #stale = false;
  readonly #compartments = new Map<CompartmentNumber, CompartmentObject>();
  /** The same by their numbers; undefined until they are asked for, and where some came or went since. */
  #ascending: readonly CompartmentObject[] | undefined;
  readonly #boards = new Map<string, LockBoardObject>();
  readonly #readers = new Map<string, ReaderObject>();

  constructor(model: Model, folder: UAObject, value: CabinetValue) {
    const { types, permissions } = model;
    const nodeId = nodeIds.cabinet(value.id);
    const type = types.type('CabinetType');
    this.#model = model;
    this.#id = value.id;
    this.#instance = addInstance(model, {
      type,
      shape: shapeOf(type, nameplatePaths(value.nameplate)),
      under: { organizedBy: folder },
      nodeId,
      browseName: value.id,
      displayName: value.name,
      ...WITH_EVENT_HISTORY,
      accessOf: ({ kind, path }) =>
        kind === 'method' || path.endsWith('Arguments') ? permissions.command : undefined,
    });
    this.#name = new ShownValue(this.#instance.variable('Name'), DataType.String);
    this.#schema = new ShownValue(this.#instance.variable('Schema'), DataType.String);
    this.#summary = new SummaryObject((name) => this.#instance.variable(`Summary/${name}`));
    this.alarms = new AlarmSummary((name) => this.#instance.variable(`Alarms/${name}`));
    this.#nameplate = nameplatePaths(value.nameplate).join();
    for (const object of [this.node, ...FOLDERS.map((name) => this.#instance.object(name))])
      model.changes.version(object);
    model.history.describeEvents(this.#instance.node, nodeId);
    for (const [name, method] of this.#instance.methods) {
      if (isCabinetCommand(name)) model.commands.bind(method, value.id, name);
    }
    this.replace(value);
    this.#made = true;
  }

  get node(): UAObject {
    return this.#instance.node;
  }

  /** Whether the object can show it: with more or less on the nameplate it has other parts. */
  fits({ nameplate }: CabinetValue): boolean {
    return nameplatePaths(nameplate).join() === this.#nameplate;
  }

  /** Shows the whole cabinet, which may have got or lost compartments and devices. */
  replace(value: CabinetValue): void {
    const { compartments, boards, readers } = value;
    this.#forgetOthers('Compartments', this.#compartments, new Set(compartments.map(({ number }) => number)));
    this.#ascending = undefined;
    this.#forgetOthers('LockBoards', this.#boards, new Set(boards.map(({ id }) => id)));
    this.#forgetOthers('Readers', this.#readers, new Set(readers.map(({ id }) => id)));
    const at = Math.max(0, ...compartments.map((each) => each.at)) || Date.now();
    if (!this.#name.shows(value.name)) this.node.setDisplayName(english(value.name));
    this.#name.show(value.name, at);
    this.#schema.show(value.schema, at);
    this.#showNameplate(value.nameplate);
    this.show(value);
    // Nothing else says that it has lost the last of its compartments.
    if (compartments.length === 0) this.#summarize(at);
  }

  /** Shows what changed, and makes compartments and devices that are new. */
  show({ compartments, boards, readers }: Omit<CabinetDelta, 'id'>): void {
    for (const value of compartments) this.#showCompartment(value);
    for (const value of boards) this.#showBoard(value);
    for (const value of readers) this.#showReader(value);
    if (compartments.length > 0) this.#summarize(Math.max(...compartments.map(({ at }) => at)));
  }

  /** Something was read at one of its readers. */
  scanned(scan: ScanNotice): void {
    this.#readers.get(scan.reader)?.scanned(scan);
  }

  /** Says of everything that is shown whether it may no longer be so. */
  showStale(stale: boolean): void {
    if (stale === this.#stale) return;
    this.#stale = stale;
    for (const compartment of this.#compartments.values()) compartment.show(compartment.value, stale);
    for (const board of this.#boards.values()) board.show(board.value, stale);
    for (const reader of this.#readers.values()) reader.show(reader.value, stale);
    this.alarms.showStale(stale);
    this.#summarize(Date.now());
  }

  /** Which compartments have an alarm that calls for somebody. */
  showAlarms(compartments: ReadonlySet<CompartmentNumber>, at: Milliseconds): void {
    this.#summary.alarms = compartments;
    this.#summarize(at);
  }

  #summarize(at: Milliseconds): void {
    this.#ascending ??= [...this.#compartments.values()].sort((a, b) => a.value.number - b.value.number);
    this.#summary.show(
      this.#ascending.map(({ value }) => value),
      at,
      this.#stale,
    );
  }

  #showCompartment(value: CompartmentValue): void {
    const known = this.#compartments.get(value.number);
    if (known) known.show(value, this.#stale);
    else {
      const folder = this.#instance.object('Compartments');
      const made = new CompartmentObject(this.#model, folder, this.#id, value, this.#stale);
      this.#compartments.set(value.number, made);
      this.#ascending = undefined;
      this.#added(made.node, 'Compartments');
    }
  }

  #showBoard(value: LockBoardValue): void {
    const known = this.#boards.get(value.id);
    if (known) known.show(value, this.#stale);
    else {
      const made = new LockBoardObject(
        this.#model,
        this.#instance.object('LockBoards'),
        this.#id,
        value,
        this.#stale,
      );
      this.#boards.set(value.id, made);
      this.#added(made.node, 'LockBoards');
    }
  }

  #showReader(value: ReaderValue): void {
    const known = this.#readers.get(value.id);
    if (known) known.show(value, this.#stale);
    else {
      const made = new ReaderObject(
        this.#model,
        this.#instance.object('Readers'),
        this.#id,
        value,
        this.#stale,
      );
      this.node.addReference({ referenceType: 'HasNotifier', nodeId: made.node.nodeId });
      if (this.#made) this.#model.changes.referenced(this.node, 'added');
      this.#readers.set(value.id, made);
      this.#added(made.node, 'Readers');
    }
  }

  #showNameplate(nameplate: Nameplate | undefined): void {
    for (const [field, { path, type }] of Object.entries(NAMEPLATE)) {
      const value = nameplate?.[field as keyof Nameplate];
      if (value === undefined) continue;
      const shown = type === DataType.LocalizedText ? english(String(value)) : value;
      this.#instance.variable(`Identification/${path}`).setValueFromSource({ dataType: type, value: shown });
    }
  }

  #added(node: UAObject, folder: Folder): void {
    if (this.#made) this.#model.changes.added(node, this.#instance.object(folder));
  }

  #forgetOthers<Key>(
    folder: Folder,
    objects: Map<Key, { readonly node: UAObject }>,
    kept: ReadonlySet<Key>,
  ): void {
    const { namespace, changes } = this.#model;
    for (const [key, { node }] of objects) {
      if (kept.has(key)) continue;
      if (folder === 'Readers') changes.referenced(this.node, 'deleted');
      changes.removed(node, this.#instance.object(folder));
      namespace.deleteNode(node);
      objects.delete(key);
    }
  }
}

/** The parts of the identification that are there: it has to say more than nothing. */
function nameplatePaths(nameplate: Nameplate | undefined): readonly string[] {
  if (!nameplate) return [];
  const told = Object.entries(NAMEPLATE).filter(
    ([field]) => nameplate[field as keyof Nameplate] !== undefined,
  );
  return ['Identification', ...told.map(([, { path }]) => `Identification/${path}`)];
}
