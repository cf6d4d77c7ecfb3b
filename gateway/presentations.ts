import { type Refusal, refusal } from '../domain/refusals.ts';
import type { PanelId, ReaderId } from '../domain/site.ts';
import type { PresentationNotice, PresentationReference, ReaderView, ScanNotice } from './api.ts';
import type { Directory } from './directory.ts';
import type { Identifier } from './identifier.ts';
import type { LiveSite } from './live-site.ts';
import type { Saying } from './notices.ts';
import type { PanelScan } from './panels.ts';
import type { Clock, CredentialReaderListener, Scan, Unsubscribe } from './ports.ts';
import { type Reader, Readers } from './readers.ts';
import { References } from './references.ts';

export interface PresentationsParts {
  readonly site: LiveSite;
  readonly clock: Clock;
  /** How long what was presented may wait to be identified. Milliseconds. */
  readonly validFor: number;
  readonly directory: Pick<Directory, 'digest'>;
  readonly identifier: Pick<Identifier, 'turnAway'>;
  /** Says at a panel that somebody was turned away. */
  readonly say: (saying: Saying) => void;
  /** Takes what was presented where no flow decides. */
  readonly decide: (panel: PanelId, presentation: PresentationReference) => void;
  readonly onTrouble: (message: string) => void;
}

/** What readers read, on its way to whoever decides: kept here, and handed on as a reference. */
export class Presentations {
  readonly #parts: PresentationsParts;
  readonly #readers: Readers;
  readonly #presented: References<PanelScan>;
  readonly #scanListeners = new Set<(scan: ScanNotice) => void>();
  #stopped = false;

  constructor(parts: PresentationsParts) {
    const { site, clock, validFor } = parts;
    this.#parts = parts;
    this.#presented = new References(clock, validFor);
    this.#readers = new Readers(site.view.readers, clock, (notice) => this.#unhandled(notice));
  }

  /** These are the readers from now on. */
  become(readers: readonly ReaderView[]): void {
    this.#readers.become(readers);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#readers.stop();
  }

  /** Who is told what a reader read; it need not be there any more by then. */
  listenerFor(id: ReaderId): CredentialReaderListener {
    return {
      scanned: (scan) => {
        const reader = this.#readers.find(id);
        if (reader) this.#scanned(reader, scan);
      },
      rejected: (reason) => this.#parts.onTrouble(`Reader ${id}: a frame was not taken (${reason}).`),
    };
  }

  onScan(listener: (scan: ScanNotice) => void): Unsubscribe {
    const own = (scan: ScanNotice): void => listener(scan);
    this.#scanListeners.add(own);
    return () => this.#scanListeners.delete(own);
  }

  /** Throws where the site has no such reader. */
  listen(reader: ReaderId, listener: (notice: PresentationNotice) => void): Unsubscribe {
    return this.#readers.get(reader).listen(listener);
  }

  /** Keeps what was presented at a reader; throws where the site has no such reader. */
  present(readerId: ReaderId, scan: Scan): PresentationReference {
    const { view } = this.#readers.get(readerId);
    const cabinet = this.#parts.site.cabinets.get(view.cabinet);
    if (!cabinet) throw new Error(`Reader "${readerId}" serves no cabinet of this gateway.`);
    const { id: reader, panel, userGroups } = view;
    return this.#presented.issue({
      scan,
      at: { cabinet, reader, panel, ...(userGroups && { userGroups }) },
    });
  }

  /** What a reference stands for, once; undefined where it was used or has expired. */
  take(presentation: PresentationReference): PanelScan | undefined {
    return this.#presented.take(presentation);
  }

  #scanned(reader: Reader, scan: Scan): void {
    if (this.#stopped) return;
    const { directory, clock, decide } = this.#parts;
    const { panel, cabinet, decide: whoDecides } = reader.view;
    // What is held to a reader may be read again and again; codes and PINs are given once each time.
    if (scan.kind === 'card' || scan.kind === 'ibutton') {
      const meaning = reader.meaningOf(directory.digest(scan));
      if (meaning === 'repeated') return;
      if (meaning === 'two-cards') {
        void this.#turnAway(reader.view, refusal('two-cards'), scan.kind);
        return;
      }
    }
    const read = { reader: reader.id, cabinet, kind: scan.kind, at: clock.now() };
    for (const listener of this.#scanListeners) listener(read);
    const presentation = this.present(reader.id, scan);
    if (whoDecides === 'flow') reader.notify({ presentation, ...read });
    // Whatever is refused is on record, and said at the panel.
    else decide(panel, presentation);
  }

  #unhandled({ presentation, reader, kind }: PresentationNotice): void {
    this.#presented.take(presentation);
    void this.#turnAway(this.#readers.get(reader).view, refusal('not-handled', { reader }), kind);
  }

  async #turnAway({ id, cabinet, panel }: ReaderView, reason: Refusal, kind: Scan['kind']): Promise<void> {
    const asked = this.#parts.site.cabinets.get(cabinet);
    if (!asked) return;
    await this.#parts.identifier.turnAway(asked, reason, { kind, reader: id });
    this.#parts.say({ panel, ...reason });
  }
}
