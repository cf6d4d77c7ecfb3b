import type { SiteFile } from '../config/site.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { CabinetId, PanelId } from '../domain/site.ts';
import type { OwnTexts } from '../domain/texts/texts.ts';
import type { CabinetChange, CabinetLoggedEvent, SiteView } from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { type PanelSeat, seatsOf } from './panel-seats.ts';
import type { Unsubscribe } from './ports.ts';
import { siteView } from './site-view.ts';
import type { Stream } from './stream.ts';

/** What a site is and what there is in it, at any time: cabinets come and go while a gateway runs. */
export class LiveSite {
  readonly #cabinets = new Map<CabinetId, Cabinet>();
  readonly #streams = new Map<CabinetId, Stream<CabinetState, CabinetEvent>>();
  readonly #unfollow = new Map<CabinetId, Unsubscribe>();
  readonly #texts = new Map<CabinetId, OwnTexts>();
  readonly #seats = new Map<PanelId, PanelSeat>();
  readonly #siteListeners = new Set<(site: SiteView) => void>();
  readonly #changeListeners = new Set<(change: CabinetChange) => void>();
  #file: SiteFile;
  #view: SiteView;

  constructor(file: SiteFile) {
    this.#file = file;
    this.#view = siteView(file);
  }

  /** What the site file said when the site became as it is. */
  get file(): SiteFile {
    return this.#file;
  }

  get view(): SiteView {
    return this.#view;
  }

  get cabinets(): ReadonlyMap<CabinetId, Cabinet> {
    return this.#cabinets;
  }

  get streams(): ReadonlyMap<CabinetId, Stream<CabinetState, CabinetEvent>> {
    return this.#streams;
  }

  /** Sentences of single cabinets, in place of the usual ones. */
  get texts(): ReadonlyMap<CabinetId, OwnTexts> {
    return this.#texts;
  }

  /** Panels with the cabinets that they serve. */
  get seats(): ReadonlyMap<PanelId, PanelSeat> {
    return this.#seats;
  }

  /** Takes a cabinet in, with its stream; its events are told from now on. `become` makes it known. */
  add(cabinet: Cabinet, stream: Stream<CabinetState, CabinetEvent>): void {
    const { id } = cabinet;
    this.#cabinets.set(id, cabinet);
    this.#streams.set(id, stream);
    this.#unfollow.set(
      id,
      stream.onEvent((event, state) => {
        const change: CabinetChange = { event: event as CabinetLoggedEvent, cabinet: state };
        for (const listener of this.#changeListeners) tell(() => listener(change));
      }),
    );
  }

  /** Takes a cabinet out; its events are told no more. Whoever calls stops it. */
  remove(cabinet: CabinetId): void {
    this.#unfollow.get(cabinet)?.();
    this.#unfollow.delete(cabinet);
    this.#cabinets.delete(cabinet);
    this.#streams.delete(cabinet);
  }

  /** The site is as it says here from now on; whoever follows it is told. */
  become(file: SiteFile): void {
    const view = siteView(file);
    this.#file = file;
    this.#view = view;
    replace(this.#texts, new Map(file.cabinets.map(({ id, texts }) => [id, texts ?? {}])));
    replace(this.#seats, seatsOf(view, this.#cabinets));
    for (const listener of this.#siteListeners) tell(() => listener(view));
  }

  /** Calls `listener` after each change of the site. */
  onSite(listener: (site: SiteView) => void): Unsubscribe {
    const own = (site: SiteView): void => listener(site);
    this.#siteListeners.add(own);
    return () => this.#siteListeners.delete(own);
  }

  /** Calls `listener` after each durable event of every cabinet, of those that are added later too. */
  onChange(listener: (change: CabinetChange) => void): Unsubscribe {
    const own = (change: CabinetChange): void => listener(change);
    this.#changeListeners.add(own);
    return () => this.#changeListeners.delete(own);
  }
}

function replace<Key, Value>(map: Map<Key, Value>, by: ReadonlyMap<Key, Value>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}

/** What a listener does with it is its own affair. */
function tell(work: () => void): void {
  try {
    work();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { code: 'site-listener-failed' });
  }
}
