/** A cassette on the bench: its settings, its samples, its keys, and a machine that is given one input after another. */
import type { CassetteEvent, CassetteEventType, EventOf } from '../../../domain/cassette/events.ts';
import { evolveCassette } from '../../../domain/cassette/evolve.ts';
import type { CassetteCommand, CassetteInput } from '../../../domain/cassette/inputs.ts';
import type { CassetteKey, KeyRole } from '../../../domain/cassette/key.ts';
import { nextCassette, type Step } from '../../../domain/cassette/next.ts';
import type { Readings } from '../../../domain/cassette/readings.ts';
import type { CassetteRefusal, CassetteRefusalCode } from '../../../domain/cassette/refusal.ts';
import { RULES, type Rules } from '../../../domain/cassette/rules.ts';
import { CASSETTE_DEFAULTS, type CassetteSetting, type Phase } from '../../../domain/cassette/setting.ts';
import {
  type CassetteState,
  type RecordedState,
  restored,
  UNCONFIGURED_CASSETTE,
} from '../../../domain/cassette/state.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import type { CassetteEffect } from '../../../domain/cassette/turn.ts';
import type { Actor } from '../../../domain/event.ts';

/** Wall-clock time of the first input of every bench. */
export const WALL = Date.UTC(2026, 0, 2, 3, 4, 5);

export function settingOf(given: Partial<CassetteSetting> = {}): CassetteSetting {
  return { ...CASSETTE_DEFAULTS, id: 'c1', mode: 'outsourced', ...given };
}

/** A cassette that sits in its machine, loaded and closed, with nothing wrong. */
export const QUIET: Readings = {
  lidOpen: false,
  brokenIn: false,
  shocks: [],
  displaced: false,
  gas: 0,
  tilt: 0,
  light: 0,
  temperature: 20,
  inMachine: true,
  notes: 'present',
  battery: 'ok',
  power: 'mains',
  ink: 'ok',
  trigger: 'ok',
  selfTest: 'passed',
  stainer: 'ready',
};

export function readings(given: Partial<Readings> = {}): Readings {
  return { ...QUIET, ...given };
}

/** ROMs with the right check byte; the keys of a site. */
const ROMS = {
  first: '01606CBF03000021',
  another: '016060CF030000A8',
  second: '23D453570100009E',
  otherSecond: '021CB801000000A2',
} as const;
export const UNKNOWN_ROM = '010000000000003D';

function keyOf(id: string, rom: string, role: KeyRole, given: Partial<CassetteKey> = {}): CassetteKey {
  return { id, rom, role, cassettes: [], duress: false, revoked: false, ...given };
}

/** Two keys of each role of a mode; `first` arms, `another` is its twin of another ROM. */
export const K1 = keyOf('k1', ROMS.first, 'K1');
export const K1_OTHER = keyOf('k1-other', ROMS.another, 'K1');
export const K2 = keyOf('k2', ROMS.second, 'K2');
export const K2_OTHER = keyOf('k2-other', ROMS.otherSecond, 'K2');
export const K = keyOf('k', ROMS.first, 'K');
export const K_OTHER = keyOf('k-other', ROMS.another, 'K');

export const ANNA: Actor = { kind: 'administrator', id: 'anna' };
export const BRUNO: Actor = { kind: 'administrator', id: 'bruno' };

export type InputOf<Name extends CassetteInput['input']> = Extract<CassetteInput, { readonly input: Name }>;

export function touch(known: CassetteKey, given: Partial<InputOf<'key'>> = {}): InputOf<'key'> {
  return { input: 'key', rom: known.rom, reader: 'reader', known, ...given };
}

export function command(
  what: CassetteCommand | Exclude<CassetteCommand['do'], 'finish-service'>,
  given: Partial<InputOf<'command'>> = {},
): InputOf<'command'> {
  const asked = typeof what === 'string' ? ({ do: what } as CassetteCommand) : what;
  return { input: 'command', command: asked, actor: ANNA, reason: 'a reason', ...given };
}

/** A machine, its clock, and everything that it said and did. */
export class Bench {
  readonly events: CassetteEvent[] = [];
  readonly effects: CassetteEffect[] = [];
  /** The fold of the events, made beside the machine. */
  folded: RecordedState = UNCONFIGURED_CASSETTE;
  at = 10_000_000;
  state: CassetteState = restored(UNCONFIGURED_CASSETTE, this.at);
  readonly #rules: Rules;

  constructor(rules: Rules = RULES) {
    this.#rules = rules;
  }

  get phase(): Phase {
    return this.state.recorded.phase;
  }

  /** Takes one input now. */
  take(input: CassetteInput, wall: number = WALL + this.at): Step {
    const step = nextCassette(this.state, input, { at: this.at, wall }, this.#rules);
    this.state = step.state;
    this.events.push(...step.events);
    this.effects.push(...step.effects);
    this.folded = step.events.reduce((state, event) => evolveCassette(state, event, wall), this.folded);
    return step;
  }

  /** Time passes at once, and is told. */
  pass(time: number): Step {
    this.at += time;
    return this.take({ input: 'tick' });
  }

  /** Time passes as it does at work: whatever falls due is told when it does. */
  live(time: number): void {
    const until = this.at + time;
    for (;;) {
      const due = nextDue(this.state, this.#rules);
      if (due === undefined || due > until) break;
      if (due < this.at) throw new Error(`It wanted to wake at ${due}, and it is ${this.at}.`);
      this.at = due;
      this.take({ input: 'tick' });
      if (nextDue(this.state, this.#rules) === due) throw new Error(`It wants to wake at ${due} for ever.`);
    }
    if (this.at < until) this.pass(until - this.at);
  }

  sample(given: Partial<Readings> = {}): Step {
    return this.take({ input: 'sample', readings: readings(given) });
  }

  /** The same sample for a while, one every tenth of a second. */
  samples(given: Partial<Readings>, time: number): void {
    this.sample(given);
    for (let left = time; left > 0; left -= 100) {
      this.at += Math.min(left, 100);
      this.sample(given);
    }
  }

  key(known: CassetteKey, given: Partial<InputOf<'key'>> = {}): Step {
    return this.take(touch(known, given));
  }

  do(...what: Parameters<typeof command>): Step {
    return this.take(command(...what));
  }

  link(up: boolean): Step {
    return this.take({ input: 'link', up });
  }

  answer(to: 'prepare' | 'fire', given: Partial<InputOf<'answer'>> = {}): Step {
    const ticket = this.state.live.lastTicket;
    return this.take({ input: 'answer', to, ticket, ok: true, ...given });
  }

  /** The gateway starts again: only what is on record is left. */
  restart(): Step {
    this.state = restored(this.folded, this.at);
    return this.take({ input: 'restart' });
  }

  /** All events of a type so far. */
  all<Name extends CassetteEventType>(type: Name): readonly EventOf<Name>['data'][] {
    return this.events.flatMap((event) => (event.type === type ? [event.data as EventOf<Name>['data']] : []));
  }

  last<Name extends CassetteEventType>(type: Name): EventOf<Name>['data'] {
    const data = this.all(type).at(-1);
    if (!data) throw new Error(`No ${type} among ${this.events.map((event) => event.type).join(', ')}.`);
    return data;
  }

  /** How often an effect was asked for so far. */
  count(effect: CassetteEffect['effect']): number {
    return this.effects.filter((each) => each.effect === effect).length;
  }
}

/** A configured bench at rest, with a link and one quiet sample. */
export function bench(given: Partial<CassetteSetting> = {}, rules: Rules = RULES): Bench {
  const made = new Bench(rules);
  made.take({ input: 'configure', setting: settingOf(given) });
  made.take({ input: 'restart' });
  made.link(true);
  made.sample();
  return made;
}

/** Into a phase, the way that people take. */
export function benchIn(phase: Phase, given: Partial<CassetteSetting> = {}, rules: Rules = RULES): Bench {
  const made = bench(given, rules);
  const mode = given.mode ?? 'outsourced';
  const path = WAYS[mode][phase];
  if (!path) throw new Error(`Mode ${mode} has no ${phase}.`);
  for (const step of path) step(made);
  return made;
}

type Way = readonly ((bench: Bench) => unknown)[];
const press = (key: CassetteKey) => (made: Bench) => made.key(key);
const service: Way = [(made) => made.do('enter-service')];
const stained: Way = [
  (made) => made.sample({ brokenIn: true }),
  (made) => {
    made.at += 1_000;
    made.sample({ brokenIn: true });
  },
  (made) => made.answer('prepare'),
  (made) => made.answer('fire'),
  (made) => made.sample(),
];

const WAYS: Readonly<Record<CassetteSetting['mode'], Readonly<Partial<Record<Phase, Way>>>>> = {
  outsourced: {
    rest: [],
    service,
    stained,
    transit: [press(K1)],
    full: [press(K1), press(K2)],
  },
  internal: { rest: [], service, stained, full: [press(K)] },
  'internal-protected-zone': {
    rest: [],
    service,
    stained,
    grace: [press(K1)],
    transit: [press(K1), press(K2), press(K2)],
    full: [press(K1), press(K2)],
  },
};

/** The codes of the refusals that a step put on record. */
export function refusalsIn(events: readonly CassetteEvent[]): readonly CassetteRefusalCode[] {
  return events.flatMap((event) => {
    const refusal: CassetteRefusal | undefined =
      event.type === 'key-refused' || event.type === 'command-refused' ? event.data.refusal : undefined;
    return refusal ? [refusal.code] : [];
  });
}
