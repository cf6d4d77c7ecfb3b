import { randomBytes } from 'node:crypto';
import type { CassetteCommand } from '../../domain/cassette/inputs.ts';
import type { Readings } from '../../domain/cassette/readings.ts';
import type { Signal } from '../../domain/cassette/signal.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { Language, LocalizedText } from '../../domain/texts/texts.ts';
import type { Command, FollowedEvent } from '../../gateway/command-socket.ts';
import type { LoginAndPassword } from '../../gateway/commands/cassettes.ts';
import type { DemoCassetteCommand, DemoCassetteEvent } from '../../simulators/demo/cassettes.ts';
import { lineFor } from '../event-line.ts';
import { cassetteWords, signalOf } from './cassette-words.ts';
import { DemoConnection, StoryError } from './connection.ts';
import type { StageOptions } from './stage.ts';
import { type Source, sourceName } from './words.ts';

/** How long something may take to happen. Milliseconds. */
const HAPPENS_WITHIN = 15_000;
/** At a cassette time runs out: nobody may dawdle for longer. Milliseconds. */
const SLOWEST_PACE = 5_000;
/** From one look at a cassette to the next. Milliseconds. */
const LOOKS_EVERY = 50;

/** How a story asks for a command: who gives it. */
interface Persons {
  readonly person?: LoginAndPassword;
  readonly second?: LoginAndPassword;
}

type Act = DemoCassetteCommand['act'];

/**
 * A cassette of the running demo site, with people at it. Prints what they do, what LEDs and buzzer show, and what
 * happened according to the gateway, alarms apart. A line is printed when the story comes to it, as on a `Stage`.
 */
export class CassetteStage {
  readonly #cassette: string;
  readonly #options: StageOptions;
  readonly #connection: DemoConnection;
  readonly #started = performance.now();
  /** Sealed records come when they are ready; they are told when the story asks for them. */
  readonly #sealed: FollowedEvent[] = [];
  /** What LEDs and buzzer show until something else is to be seen. */
  #standing: Signal | undefined = 'rest';
  /** When a key was last taken from the reader. */
  #keyLeft: number | undefined;

  private constructor(cassette: string, options: StageOptions, connection: DemoConnection) {
    this.#cassette = cassette;
    this.#options = options;
    this.#connection = connection;
  }

  /** Goes to a cassette at rest, which stands beside the machine. Rejects with a `StoryError` where it is not at rest. */
  static async enter(cassette: string, options: StageOptions): Promise<CassetteStage> {
    const stage = new CassetteStage(cassette, options, await DemoConnection.open(options.dataFolder));
    try {
      const { phase } = await stage.view(({ linked }) => linked);
      if (phase !== 'rest') {
        throw new StoryError(
          `Cassette ${cassette} is not at rest, its state is "${phase}". Bring it there first: see docs/demo.md.`,
        );
      }
      await stage.act('leave-key');
      await stage.act('take-out-of-machine');
      await stage.act('load');
      await stage.act('close-lid');
      await stage.view(({ readings }) => readings !== undefined && isReady(readings));
      while (await stage.#connection.log.next(0));
      return stage;
    } catch (error) {
      stage.#connection.close();
      throw error;
    }
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

  get language(): Language {
    return this.#options.language;
  }

  /** A person does something: tells it in words. */
  async person(words: LocalizedText): Promise<void> {
    await pause(Math.min(this.#options.pace, SLOWEST_PACE));
    this.#tell('person', words[this.language]);
  }

  /** Something happens to the cassette. */
  act(act: Exclude<Act, 'touch-key'>, value?: number): Promise<void> {
    const command = { do: 'cassette', cassette: this.#cassette, act, ...(value !== undefined && { value }) };
    return this.#connection.act(command as DemoCassetteCommand);
  }

  /** Somebody holds a key to the reader until it was taken or refused. Resolves with the code of the refusal. */
  async touchKey(rom: string): Promise<string | undefined> {
    if (this.#keyLeft !== undefined) {
      await pause(this.#keyLeft + this.#options.keysApart - performance.now());
    }
    await this.#connection.act({ do: 'cassette', cassette: this.#cassette, act: 'touch-key', value: rom });
    const event = await this.logged('key-used', 'key-refused');
    await this.act('leave-key');
    this.#keyLeft = performance.now();
    const { refusal } = event.data as { readonly refusal?: { readonly code: string } };
    await this.shows(refusal ? 'refused' : 'accepted');
    return refusal?.code;
  }

  /** A command about this cassette. Resolves with the code of a refusal, whose words are told. */
  async command(
    command: CassetteCommand,
    reason: string,
    persons: Persons = {},
  ): Promise<string | undefined> {
    const answer = await this.#connection.tryTo({
      do: 'command-cassette',
      cassette: this.#cassette,
      command,
      reason,
      ...persons,
    });
    return answer.ok ? undefined : answer.code;
  }

  /** Battery, ink and trigger are tested, as an operator asks for it before anything is armed. */
  async testItself(): Promise<void> {
    const refusal = await this.command({ do: 'self-test' }, 'before arming');
    if (refusal !== undefined) throw new StoryError(`The self-test was refused: ${refusal}.`);
    await this.part('self-test', 'passed');
  }

  /** A person of the demo, by login, with a new password: nobody knows the one that they had. */
  async identify(login: string): Promise<LoginAndPassword> {
    const issued = await this.#connection.ask({ do: 'one-time-password', login });
    const { password: current } = issued as { readonly password: string };
    const password = randomBytes(18).toString('base64url');
    await this.#connection.ask({ do: 'change-password', login, current, next: password } satisfies Command);
    return { login, password };
  }

  /** The cassette as soon as it fits. */
  async view(fits: (view: CassetteView) => boolean = () => true): Promise<CassetteView> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const answer = await this.#connection.ask({ do: 'show-cassette', cassette: this.#cassette });
      const { view } = answer as { readonly view: CassetteView };
      if (fits(view)) return view;
      if (performance.now() > until) {
        throw new StoryError(
          `Cassette ${this.#cassette} is not as the story needs it: ${JSON.stringify(view)}.`,
        );
      }
      await pause(LOOKS_EVERY);
    }
  }

  /** Waits for an event of this cassette, of one of these types; tells every one until then. */
  async logged(...types: readonly string[]): Promise<FollowedEvent> {
    return this.#awaited(types.join('" or "'), ({ type }) => types.includes(type));
  }

  /** Waits until a part of the controller is said to be in a state. */
  async part(part: string, state: string): Promise<void> {
    await this.#awaited(
      `${part}: ${state}`,
      ({ type, data }) => type === 'part-changed' && data['part'] === part && data['state'] === state,
    );
  }

  /** The sealed record of a staining. */
  async sealed(): Promise<void> {
    const ready =
      this.#sealed.shift() ?? (await this.#awaited('incident-sealed', () => this.#sealed.length > 0));
    this.#sealed.length = 0;
    this.#tell('log', lineFor(ready, this.language));
  }

  /** Waits until LEDs and buzzer show something; tells what they show until then. */
  async shows(signal: Signal): Promise<void> {
    await this.#seen(signal, (event) => event.event === 'signalled' && signalOf(event.pattern) === signal);
  }

  /** Waits for what else somebody before the cassette notices. */
  async happens(awaited: Exclude<DemoCassetteEvent['event'], 'signalled' | 'stained'>): Promise<void> {
    await this.#seen(awaited, ({ event }) => event === awaited);
  }

  /** Waits until the ink has run and the LED is red; both are told, in this order, whichever came first. */
  async stains(): Promise<void> {
    const until = performance.now() + HAPPENS_WITHIN;
    const seen: DemoCassetteEvent[] = [];
    const ran = (): boolean => seen.some(({ event }) => event === 'stained');
    const lit = (): boolean => this.#standing === 'stained';
    while (!ran() || !lit()) {
      const event = await this.#nextSeen(until);
      if (!event) throw new StoryError(`The cassette did not stain within ${HAPPENS_WITHIN / 1_000} s.`);
      seen.push(event);
    }
    const inOrder = seen.toSorted((a, b) => Number(a.event !== 'stained') - Number(b.event !== 'stained'));
    for (const event of inOrder) this.#tell('hardware', cassetteWords(event, this.language));
  }

  async #seen(what: string, fits: (event: DemoCassetteEvent) => boolean): Promise<void> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const event = await this.#nextSeen(until);
      if (!event) {
        throw new StoryError(`Nothing was seen of "${what}" within ${HAPPENS_WITHIN / 1_000} s.`);
      }
      this.#tell('hardware', cassetteWords(event, this.language));
      if (fits(event)) return;
    }
  }

  /** What somebody before the cassette notices next; undefined where that is nothing. */
  async #nextSeen(until: number): Promise<DemoCassetteEvent | undefined> {
    for (;;) {
      const event = await this.#connection.hardware.next(until - performance.now());
      if (!event) return undefined;
      if ('cassette' in event && event.cassette === this.#cassette && !this.#goesOn(event)) return event;
    }
  }

  /** Whether it only says again what is shown already, as after a break of the link. */
  #goesOn(event: DemoCassetteEvent): boolean {
    if (event.event !== 'signalled' || !event.pattern.repeat) return false;
    const before = this.#standing;
    this.#standing = signalOf(event.pattern);
    return this.#standing !== undefined && this.#standing === before;
  }

  async #awaited(what: string, fits: (event: FollowedEvent) => boolean): Promise<FollowedEvent> {
    const until = performance.now() + HAPPENS_WITHIN;
    for (;;) {
      const event = await this.#connection.log.next(until - performance.now());
      if (!event) throw new StoryError(`Nothing was told of "${what}" within ${HAPPENS_WITHIN / 1_000} s.`);
      this.#tellLog(event);
      if (event.stream === `cassette/${this.#cassette}` && fits(event)) return event;
    }
  }

  #tellLog(event: FollowedEvent): void {
    if (event.stream !== `cassette/${this.#cassette}` || isBookkeeping(event)) return;
    if (event.type === 'incident-sealed') this.#sealed.push(event);
    else this.#tell(event.alarm ? 'alarm' : 'log', lineFor(event, this.language));
  }

  #tell(source: Source, words: string): void {
    const passed = `${String(Math.round(performance.now() - this.#started)).padStart(6)} ms`;
    this.#options.write(`${passed}  ${sourceName(source, this.language)}  ${words}`);
  }
}

/** Nothing is under way any more: neither what the story did first, nor what a start does by itself. */
function isReady({ inMachine, lidOpen, stainer, selfTest }: Readings): boolean {
  return !inMachine && !lidOpen && stainer === 'ready' && selfTest !== 'not-run';
}

/** What is on record for the next start, or lasts a moment only. */
function isBookkeeping({ type, data }: FollowedEvent): boolean {
  if (type === 'time-checkpoint') return true;
  return type === 'part-changed' && data['part'] === 'self-test' && data['state'] === 'not-run';
}

async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await new Promise((wake) => setTimeout(wake, milliseconds));
}
