/** Goes through everything that a cassette can come to, breadth first, and checks every step on the way. */

import { nextCassette, type Step } from '../../../../domain/cassette/next.ts';
import { RULES, type Rules } from '../../../../domain/cassette/rules.ts';
import type { CassetteSetting } from '../../../../domain/cassette/setting.ts';
import { type CassetteState, restored, UNCONFIGURED_CASSETTE } from '../../../../domain/cassette/state.ts';
import { nextDue } from '../../../../domain/cassette/timers.ts';
import { WALL } from '../machine.ts';
import { answersTo, type Happening } from './inputs.ts';
import { keyOf, type Node, normal } from './normal.ts';
import { type Observer, seen, WATCHING, watch } from './observer.ts';
import { Checks, checkEdge, checkView, PROPERTIES, Violation } from './properties.ts';

export interface Exploration {
  readonly setting: CassetteSetting;
  readonly happenings: readonly Happening[];
  readonly rules?: Rules;
  /** More states than these: it does not end. */
  readonly most: number;
}

export interface Explored {
  readonly states: number;
  readonly steps: number;
  readonly checks: Checks;
  readonly phases: ReadonlyMap<string, number>;
  /** Every way from phase to phase that was taken, e.g. `rest → transit`. */
  readonly moves: ReadonlySet<string>;
}

interface Found extends Node {
  readonly parent?: Found;
  readonly by?: string;
}

/** The wall clock stands anywhere: it is set to another time at every step. */
const WALLS = [WALL, 0, WALL - 86_400_000, Number.MAX_SAFE_INTEGER] as const;

export function explore({ setting, happenings, rules = RULES, most }: Exploration): Explored {
  const checks = new Checks();
  const known = new Set<string>();
  const phases = new Map<string, number>();
  const moves = new Set<string>();
  const queue: Found[] = [];
  let steps = 0;
  const add = (node: Node, parent?: Found, by?: string): void => {
    const found = normal(setting, node);
    const key = keyOf(setting, found);
    if (known.has(key)) return;
    known.add(key);
    if (known.size > most) throw new Error(`More than ${most} states.`);
    const { phase } = found.state.recorded;
    phases.set(phase, (phases.get(phase) ?? 0) + 1);
    queue.push({ ...found, ...(parent && { parent }), ...(by !== undefined && { by }) });
  };
  add(configured(setting, rules));
  for (let place = 0; place < queue.length; place += 1) {
    const node = queue[place];
    if (!node) break;
    telling(node, 'looked at', () => checkState(checks, setting, rules, node));
    for (const happening of [...happenings, ...answersIn(node.state), ...dueIn(node.state, rules)]) {
      steps += 1;
      telling(node, happening.name, () => {
        const wall = WALLS[steps % WALLS.length] ?? WALL;
        const next = take(checks, moves, setting, rules, node, happening, wall);
        if (!isSame(node, next)) add(next, node, happening.name);
      });
    }
  }
  return { states: known.size, steps, checks, phases, moves };
}

/** One step of the machine and of its observer, checked. */
function take(
  checks: Checks,
  moves: Set<string>,
  setting: CassetteSetting,
  rules: Rules,
  { state, observer }: Node,
  { input, after }: Happening,
  wall: number,
): Node {
  const at = state.live.at + after;
  const before = input.input === 'restart' ? restored(state.recorded, at) : state;
  const step = nextCassette(before, input, { at, wall }, rules);
  for (const { data } of step.events) if ('from' in data) moves.add(`${data.from} → ${data.to}`);
  const expected = watch(setting, observer, input, at);
  checkEdge(checks, { setting, input, at, wall, before, watched: observer, expected, step });
  // The clock was set to another time in between.
  if (step.events.length > 0) {
    checkWall(checks, step, nextCassette(before, input, { at, wall: wall - 86_400_000 }, rules));
  }
  return { state: step.state, observer: seen(setting, expected.observer, input, step, at) };
}

function checkWall(checks: Checks, one: Step, other: Step): void {
  checks.check(PROPERTIES[12], decided(one) === decided(other), () => decided(other));
}

function decided({ state, events, effects }: Step): string {
  const { lastKey, ...recorded } = state.recorded;
  return JSON.stringify([
    events,
    effects,
    state.live.ends,
    recorded.timers,
    recorded.phase,
    lastKey?.accepted,
  ]);
}

/** Plainly nothing happened, but for what is only shown. Spares most of the work of comparing. */
function isSame(one: Node, other: Node): boolean {
  if (one.observer !== other.observer) return false;
  return sameFields(one.state.live, other.state.live) && sameFields(one.state.recorded, other.state.recorded);
}

function sameFields(one: object, other: object): boolean {
  const fields = Object.entries(other);
  const known = one as Readonly<Record<string, unknown>>;
  return (
    fields.length === Object.keys(one).length &&
    fields.every(([name, value]) => name === 'lastKey' || known[name] === value)
  );
}

/** What holds in a state by itself. */
function checkState(checks: Checks, setting: CassetteSetting, rules: Rules, node: Node): void {
  const { state, observer } = node;
  checkView(checks, setting, state);
  const { phase } = state.recorded;
  const other = { ...setting, loadedRequired: !setting.loadedRequired };
  const step = nextCassette(state, { input: 'configure', setting: other }, { at: 0, wall: WALL }, rules);
  const locked = step.events.some(({ type }) => type === 'configuration-locked');
  const armed = phase === 'transit' || phase === 'grace' || phase === 'full' || observer.attacked;
  const kept = JSON.stringify(step.state.recorded.setting) === JSON.stringify(setting);
  checks.check(PROPERTIES[13], locked === armed && kept === armed && step.effects.length === 0, () => phase);
  const due = nextDue(state, rules) ?? Number.POSITIVE_INFINITY;
  const { graceEnd, sample } = observer;
  if (phase === 'grace' && sample && graceEnd !== undefined && graceEnd > 0 && !observer.attacked) {
    checks.check(PROPERTIES[14], due <= graceEnd, () => `at ${due}, grace ends at ${graceEnd}`);
  }
  if (observer.attacked) checkCooperation(checks, setting, rules, node);
}

/** An attack that stands ends with a spent stainer, as soon as the controller does what it is told. */
function checkCooperation(checks: Checks, setting: CassetteSetting, rules: Rules, from: Node): void {
  let node = from;
  const send = (input: Happening['input'], after = 0): Step => {
    const at = node.state.live.at + after;
    const step = nextCassette(node.state, input, { at, wall: WALL }, rules);
    node = { ...node, state: step.state };
    return step;
  };
  let asked = send({ input: 'link', up: true }).effects;
  for (let tries = 0; tries < 8 && node.state.recorded.phase !== 'stained'; tries += 1) {
    const order = asked.find(({ effect }) => effect === 'prepare' || effect === 'fire');
    if (order?.effect === 'prepare' || order?.effect === 'fire') {
      asked = send({ input: 'answer', to: order.effect, ticket: order.ticket, ok: true }).effects;
    } else {
      const due = nextDue(node.state, rules);
      asked = due === undefined ? [] : send({ input: 'tick' }, due - node.state.live.at).effects;
    }
  }
  const { phase } = node.state.recorded;
  checks.check(PROPERTIES[3], phase === 'stained', () => `it is in ${phase}, and ${setting.mode} at that`);
}

function configured(setting: CassetteSetting, rules: Rules): Node {
  const times = { at: 0, wall: WALL };
  const state = restored(UNCONFIGURED_CASSETTE, 0);
  const observer: Observer = WATCHING;
  return { state: nextCassette(state, { input: 'configure', setting }, times, rules).state, observer };
}

/** Answers matter while something was asked. */
function answersIn(state: CassetteState): readonly Happening[] {
  return state.recorded.attack === undefined ? answersTo(state).slice(0, 4) : answersTo(state);
}

function dueIn(state: CassetteState, rules: Rules): readonly Happening[] {
  const due = nextDue(state, rules);
  if (due === undefined) return [];
  return [{ name: 'time until something is due', after: due - state.live.at, input: { input: 'tick' } }];
}

/** A failure tells the shortest way to it. */
function telling(node: Found, by: string, what: () => void): void {
  try {
    what();
  } catch (reason) {
    const names = [by];
    for (let each: Found | undefined = node; each?.by !== undefined; each = each.parent)
      names.unshift(each.by);
    const path = names.map((name, place) => `${String(place + 1).padStart(4)}. ${name}`).join('\n');
    const said = reason instanceof Error ? reason.message : String(reason);
    const told = `${said}\nThe shortest way there, from a cassette at rest that was just configured:\n${path}`;
    if (reason instanceof Violation)
      throw new Violation(reason.property, told.slice(reason.property.length + 2));
    throw new Error(told, { cause: reason });
  }
}
