import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { Refusal, RefusalCode } from '../domain/refusals.ts';
import { isPick, isRefusal } from '../domain/schemas/schema.ts';
import { PROMPT_CODES, type PromptCode, panelState } from '../domain/session/prompt.ts';
import type { Session } from '../domain/session/session.ts';
import type { CabinetId, CompartmentNumber, PanelId } from '../domain/site.ts';
import { type LocalizedText, type OwnTexts, promptText, textOf } from '../domain/texts/texts.ts';
import type { PanelNotice, PanelView, Recipient, Refused } from './api.ts';
import type { Directory } from './directory.ts';
import type { Identifier } from './identifier.ts';
import { Notices, type Saying } from './notices.ts';
import type { PanelSeat } from './panel-seats.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** How long a notice is shown. Milliseconds. */
const SHOWN_FOR = 10_000;
/** Recipients that a view names by itself; more are found by their name. */
const MOST_RECIPIENTS = 50;

const PROMPTS: ReadonlySet<string> = new Set(PROMPT_CODES);

interface Watcher {
  readonly listeners: Set<(view: PanelView) => void>;
  /** What was told last, so that nothing is told twice. */
  told: string;
}

/** What panels show: the prompt that follows from the cabinet's state, and what was said last. */
export class PanelDisplay {
  readonly #seats: ReadonlyMap<PanelId, PanelSeat>;
  readonly #directory: Directory;
  readonly #identifier: Identifier;
  readonly #texts: ReadonlyMap<CabinetId, OwnTexts>;
  readonly #clock: Clock;
  readonly #notices = new Notices();
  /** What was said last at each panel, and what fades it after a while. */
  readonly #said = new Map<PanelId, { readonly notice: PanelNotice; readonly cancelFading: Unsubscribe }>();
  #stopped = false;
  readonly #watchers = new Map<PanelId, Watcher>();

  constructor(parts: {
    readonly seats: ReadonlyMap<PanelId, PanelSeat>;
    readonly directory: Directory;
    readonly identifier: Identifier;
    /** Sentences of single cabinets. */
    readonly texts: ReadonlyMap<CabinetId, OwnTexts>;
    readonly clock: Clock;
  }) {
    this.#seats = parts.seats;
    this.#directory = parts.directory;
    this.#identifier = parts.identifier;
    this.#texts = parts.texts;
    this.#clock = parts.clock;
  }

  /** What a panel shows now; undefined where the site has none of that id. */
  view(panel: PanelId): PanelView | undefined {
    const seat = this.#seats.get(panel);
    if (!seat) return undefined;
    const { cabinet } = seat;
    const state = panelState(cabinet.state, panel, cabinet.schema, (session) =>
      this.#pickable(seat, session),
    );
    const { notice } = this.#said.get(panel) ?? {};
    return {
      ...state,
      cabinet: cabinet.id,
      text: promptText(state.prompt, this.#texts.get(cabinet.id)),
      ...(state.prompt.code === 'choose-recipient' && { recipients: this.recipients('') }),
      ...(notice && { notice }),
    };
  }

  /** Recipients whose name contains a text; at most 50, by name. */
  recipients(nameContains: string): readonly Recipient[] {
    return this.#directory.recipients(nameContains, MOST_RECIPIENTS);
  }

  /** Calls `listener` on each change of what a panel shows. */
  onPanel(panel: PanelId, listener: (view: PanelView) => void): Unsubscribe {
    const watcher = this.#watchers.get(panel) ?? {
      listeners: new Set(),
      told: JSON.stringify(this.view(panel)),
    };
    this.#watchers.set(panel, watcher);
    watcher.listeners.add(listener);
    return () => {
      watcher.listeners.delete(listener);
      const isLast = watcher.listeners.size === 0 && this.#watchers.get(panel) === watcher;
      if (isLast) this.#watchers.delete(panel);
    };
  }

  /** An event of a cabinet: what it says at a panel, and what its panels show from now on. */
  follow(cabinet: CabinetId, event: CabinetEvent): void {
    const saying = this.#notices.after(event);
    if (saying) this.say(saying);
    for (const { panel, cabinet: served } of this.#seats.values()) {
      if (served.id === cabinet) this.#tell(panel);
    }
  }

  /** The site is another one: what its panels show from now on. */
  siteChanged(): void {
    for (const panel of this.#watchers.keys()) this.#tell(panel);
  }

  /** Says something at a panel for some seconds. */
  say({ panel, code, values }: Saying): void {
    // What was under way when everything stopped has nobody to tell any more.
    if (this.#stopped) return;
    const text = this.#textOf(panel, code, values);
    const notice: PanelNotice = { code, values, text, at: this.#clock.now() };
    this.#said.get(panel)?.cancelFading();
    const cancelFading = this.#clock.after(SHOWN_FOR, () => {
      this.#said.delete(panel);
      this.#tell(panel);
    });
    this.#said.set(panel, { notice, cancelFading });
    this.#tell(panel);
  }

  /** Forgets what is said for some seconds yet, and says nothing more. */
  stop(): void {
    this.#stopped = true;
    for (const { cancelFading } of this.#said.values()) cancelFading();
    this.#said.clear();
  }

  /** An answer was taken: what the panel shows now. */
  answered(panel: PanelId): { readonly ok: true; readonly view: PanelView } | Refused {
    const view = this.view(panel);
    return view ? { ok: true, view } : this.refused(panel, { code: 'panel-unknown', values: { panel } });
  }

  /** An answer was refused, which is said at the panel as well. */
  refused(panel: PanelId, reason: Refusal): Refused {
    const { code, values } = reason;
    if (this.#seats.has(panel)) this.say({ panel, code, values });
    return { ok: false, refusal: reason, text: this.#textOf(panel, code, values) };
  }

  #textOf(panel: PanelId, code: PromptCode | RefusalCode, values: Saying['values']): LocalizedText {
    const own = this.#texts.get(this.#seats.get(panel)?.cabinet.id ?? '');
    return PROMPTS.has(code)
      ? promptText({ code: code as PromptCode, values }, own)
      : textOf({ code: code as RefusalCode, values }, own);
  }

  #pickable({ cabinet }: PanelSeat, { person }: Session): readonly CompartmentNumber[] {
    const asking = person && {
      ...this.#identifier.applicant(person.user, cabinet.id),
      reader: person.reader,
    };
    const proposal = cabinet.proposal(asking);
    if (isRefusal(proposal)) return [];
    return isPick(proposal) ? proposal.pick : [proposal.compartment];
  }

  #tell(panel: PanelId): void {
    const watcher = this.#watchers.get(panel);
    const view = watcher && this.view(panel);
    if (!view) return;
    const shown = JSON.stringify(view);
    if (shown === watcher.told) return;
    watcher.told = shown;
    for (const listener of watcher.listeners) listener(view);
  }
}
