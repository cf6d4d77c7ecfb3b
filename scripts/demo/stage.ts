import type { Language, LocalizedText } from '../../domain/texts/texts.ts';
import type { CompartmentOccupancy, PanelView, Possession } from '../../gateway/api.ts';
import type { Command, FollowedEvent } from '../../gateway/command-socket.ts';
import type { VisitAnswer } from '../../gateway/commands/panel-visits.ts';
import type { DemoCommand, DemoEvent } from '../../simulators/demo/hardware.ts';
import { lineFor } from '../event-line.ts';
import { DemoConnection, StoryError } from './connection.ts';
import { hardwareWords, isTold, numberRanges, type Source, sourceName, type ToldEvent } from './words.ts';

/** How long something may take to happen. Milliseconds. */
const HAPPENS_WITHIN = 10_000;

export interface StageOptions {
  readonly dataFolder: string;
  readonly language: Language;
  /** How long people take between two things that they do. Milliseconds. */
  readonly pace: number;
  /** From one card at a reader to the next: until then a reader takes two cards for one wallet. Milliseconds. */
  readonly cardsApart: number;
  /** From the end of one key's contact to the next one: until then a reader takes two keys for two at once. Milliseconds. */
  readonly keysApart: number;
  readonly write: (line: string) => void;
}

/** Where a story plays. */
export interface Scene {
  readonly cabinet: string;
  readonly panel: string;
}

/**
 * A cabinet of the running demo site, with people at it. Prints what they do and what they see: the panel's words, the
 * hardware, the log. A line is printed when the story comes to it, so that causes stand before their effects; what nobody
 * waits for is printed as well, before the next line of its source.
 */
export class Stage {
  readonly language: Language;
  readonly #scene: Scene;
  readonly #options: StageOptions;
  readonly #connection: DemoConnection;
  readonly #started = performance.now();
  /** When a card was last held to a reader. */
  readonly #cards = new Map<string, number>();
  #view: PanelView;
  #promptSaid = '';
  #noticeSaid = 0;
  #noticeHeeded = 0;

  private constructor(scene: Scene, options: StageOptions, connection: DemoConnection, view: PanelView) {
    this.language = options.language;
    this.#scene = scene;
    this.#options = options;
    this.#connection = connection;
    this.#view = view;
    const { notice } = view;
    if (notice) {
      this.#noticeSaid = notice.at;
      this.#noticeHeeded = notice.at;
    }
  }

  /** Goes to a cabinet. Rejects with a `StoryError` where somebody has not finished at its panel. */
  static async enter(scene: Scene, options: StageOptions): Promise<Stage> {
    const connection = await DemoConnection.open(options.dataFolder, scene.panel);
    const view = await connection.panel.next(HAPPENS_WITHIN);
    if (view && view.session === undefined) {
      const stage = new Stage(scene, options, connection, view);
      stage.#tellPanel(view);
      return stage;
    }
    connection.close();
    throw new StoryError(
      `Somebody has not finished at ${scene.panel} ("${view?.text.en ?? ''}"). Finish there, or wait until that ends by itself.`,
    );
  }

  /** Tells what happened that no step of the story waited for, and ends. */
  async leave(): Promise<void> {
    for (;;) {
      const event = await this.#connection.log.next(0);
      if (!event) break;
      this.#tellLog(event);
    }
    this.#connection.close();
  }

  /** A person does something: tells it in words. `{name}` stands for a value. */
  async person(words: LocalizedText, values: Readonly<Record<string, string | number>> = {}): Promise<void> {
    if (this.#options.pace > 0) await new Promise((wake) => setTimeout(wake, this.#options.pace));
    this.#tell(
      'person',
      words[this.language].replace(/\{(\w+)\}/g, (found, name: string) => String(values[name] ?? found)),
    );
  }

  /** Something is done with the simulated hardware of this cabinet. */
  act(command: DemoCommand): Promise<void> {
    return this.#connection.act(command);
  }

  /** Somebody holds a card to a reader, after whoever did before has taken theirs away. */
  async presentCard(card: string, reader: string): Promise<void> {
    const last = this.#cards.get(reader);
    const wait = last === undefined ? 0 : last + this.#options.cardsApart - performance.now();
    if (wait > 0) await new Promise((wake) => setTimeout(wake, wait));
    this.#cards.set(reader, performance.now());
    await this.act({ do: 'present-card', card, reader });
  }

  /** Somebody types a number or a PIN on a keypad, to the last key. */
  async type(digits: string, reader: string): Promise<void> {
    await this.act({ do: 'enter-pin', pin: digits, reader });
    await this.#heard((event) => event.event === 'pin-entered' && event.reader === reader);
  }

  /** Something is done at the panel itself. Where it is refused, the panel says so. */
  async touch(answer: VisitAnswer): Promise<void> {
    await this.#connection.tryTo({ do: 'panel-answer', panel: this.#scene.panel, answer });
  }

  /** An administrator asks for something. Rejects with a `StoryError` where it is refused. */
  administer(command: Command): Promise<unknown> {
    return this.#connection.ask(command);
  }

  /**
   * Waits until the panel asks or says something, by its code; tells everything that it shows until then.
   *
   * @param instead codes that may come in its place; ends the story with what the panel says then
   */
  async shows(code: string, instead: readonly string[] = []): Promise<PanelView> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const { prompt, notice } = this.#view;
      if (notice && notice.at > this.#noticeHeeded && [code, ...instead].includes(notice.code)) {
        this.#noticeHeeded = notice.at;
        if (notice.code === code) return this.#view;
        throw new StoryError(notice.text[this.language]);
      }
      if (prompt.code === code) return this.#view;
      const view = await this.#connection.panel.next(until - performance.now());
      if (!view) {
        throw new StoryError(
          `The panel did not show "${code}" within ${HAPPENS_WITHIN / 1_000} s. It shows "${prompt.code}": was the mode of cabinet ${this.#scene.cabinet} changed?`,
        );
      }
      this.#view = view;
      this.#tellPanel(view);
    }
  }

  /** Waits for an event of this cabinet; tells every one until then. */
  async logged(type: string): Promise<FollowedEvent> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const event = await this.#connection.log.next(until - performance.now());
      if (!event)
        throw new StoryError(`The log did not tell of "${type}" within ${HAPPENS_WITHIN / 1_000} s.`);
      this.#tellLog(event);
      if (event.type === type && this.#isHere(event)) return event;
    }
  }

  /** Waits for the hardware of a compartment; tells everything that happens in this cabinet until then. */
  async happens(awaited: ToldEvent, compartment: number): Promise<void> {
    const { cabinet } = this.#scene;
    const found = (event: DemoEvent): boolean =>
      event.event === awaited && event.cabinet === cabinet && event.compartment === compartment;
    if (await this.#heard(found)) return;
    throw new StoryError(
      `Nothing was seen of "${awaited}" at compartment ${compartment} within ${HAPPENS_WITHIN / 1_000} s.`,
    );
  }

  /** Takes what the hardware tells until something is found; false where it is not within 10 s. */
  async #heard(found: (event: DemoEvent) => boolean): Promise<boolean> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const event = await this.#connection.hardware.next(until - performance.now());
      if (!event) return false;
      if (isTold(event) && event.cabinet === this.#scene.cabinet) {
        this.#tell('hardware', hardwareWords(event.event, event.compartment, this.language));
      }
      if (found(event)) return true;
    }
  }

  /**
   * A compartment opens: the decision, what the panel says, pulse and door.
   *
   * @param code what the panel says; left out where a flow decides, which speaks for itself
   */
  async opens(code?: string): Promise<number> {
    const granted = await this.logged('compartment-granted');
    const compartment = Number(granted.data['compartment']);
    if (code !== undefined) await this.shows(code);
    await this.happens('pulse', compartment);
    await this.happens('door-opened', compartment);
    await this.logged('door-opened');
    return compartment;
  }

  /** The person closes a door. */
  async close(compartment: number, words: LocalizedText): Promise<void> {
    await this.person(words, { compartment });
    await this.act({ do: 'door', cabinet: this.#scene.cabinet, compartment, open: false });
    await this.happens('door-closed', compartment);
    await this.logged('door-closed');
  }

  /** Somebody is turned away: what the log and the panel say. */
  async refuses(code: string): Promise<void> {
    await this.logged('access-refused');
    await this.shows(code);
  }

  /** A free compartment of this cabinet: this one, or the first there is. */
  async freeCompartment(wanted: number): Promise<number> {
    const free = (await this.occupancy()).filter(({ status }) => status === 'free');
    const found = free.find(({ compartment }) => compartment === wanted) ?? free[0];
    if (found) return found.compartment;
    throw new StoryError(`No compartment of cabinet ${this.#scene.cabinet} is free.`);
  }

  async occupancy(): Promise<readonly CompartmentOccupancy[]> {
    const { cabinet } = this.#scene;
    const answer = await this.administer({ do: 'occupancy', cabinet });
    return (answer as { compartments: readonly CompartmentOccupancy[] }).compartments;
  }

  /** What a user has in this cabinet. */
  async possessionsOf(user: string): Promise<readonly Possession[]> {
    const { possessions } = (await this.administer({ do: 'who-has', user })) as {
      readonly possessions: readonly Possession[];
    };
    return possessions.filter(({ cabinet }) => cabinet === this.#scene.cabinet);
  }

  /** The id of a user of the demo, by login. */
  async user(login: string): Promise<string> {
    const users = (await this.administer({ do: 'list-users' })) as readonly {
      readonly id: string;
      readonly login?: string;
    }[];
    const found = users.find((user) => user.login === login);
    if (found) return found.id;
    throw new StoryError(
      `There is no user with the login "${login}". Start Sezam again: it adds who is missing.`,
    );
  }

  #isHere({ stream }: FollowedEvent): boolean {
    return stream === `cabinet/${this.#scene.cabinet}`;
  }

  #tellLog(event: FollowedEvent): void {
    if (this.#isHere(event)) this.#tell('log', lineFor(event));
  }

  #tellPanel({ text, prompt, notice, recipients }: PanelView): void {
    if (notice && notice.at !== this.#noticeSaid) {
      this.#noticeSaid = notice.at;
      this.#tell('panel', notice.text[this.language]);
    }
    const choices = recipients
      ? recipients.map(({ name }) => name).join(', ')
      : prompt.compartments && numberRanges(prompt.compartments);
    const asked = `${text[this.language]}${choices ? ` (${choices})` : ''}`;
    if (asked === this.#promptSaid) return;
    this.#promptSaid = asked;
    this.#tell('panel', asked);
  }

  #tell(source: Source, words: string): void {
    const passed = `${String(Math.round(performance.now() - this.#started)).padStart(6)} ms`;
    this.#options.write(`${passed}  ${sourceName(source, this.language)}  ${words}`);
  }
}
