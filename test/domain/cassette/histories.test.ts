import { expect } from 'chai';
import fc from 'fast-check';
import type { CassetteEventType } from '../../../domain/cassette/events.ts';
import type { CassetteInput } from '../../../domain/cassette/inputs.ts';
import { nextCassette } from '../../../domain/cassette/next.ts';
import { RULES } from '../../../domain/cassette/rules.ts';
import type { CassetteSetting } from '../../../domain/cassette/setting.ts';
import { restored, UNCONFIGURED_CASSETTE } from '../../../domain/cassette/state.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import type { Node } from './exploration/normal.ts';
import { seen, WATCHING, watch } from './exploration/observer.ts';
import { Checks, checkEdge, checkView } from './exploration/properties.ts';
import { type Act, type Happens, histories, settings } from './histories.ts';

/** How many random histories are played. */
const HISTORIES = Number(process.env['SEZAM_TEST_HISTORIES'] ?? 400);
/** Histories in which everything happens that they can give: always the same ones, so that none is missed by chance. */
const KNOWN = { seed: 1, numRuns: 400 } as const;

/** Events that need an input which histories do not give. */
const NOT_REACHED: readonly CassetteEventType[] = ['configuration-locked', 'incident-sealed', 'duress-told'];

class Life {
  readonly #setting: CassetteSetting;
  readonly #checks: Checks;
  readonly #reached: Set<string>;
  readonly #story: string[] = [];
  #at = 0;
  #node: Node;

  constructor(setting: CassetteSetting, checks: Checks, reached: Set<string>) {
    this.#setting = setting;
    this.#checks = checks;
    this.#reached = reached;
    const times = { at: 0, wall: 0 };
    const step = nextCassette(restored(UNCONFIGURED_CASSETTE, 0), { input: 'configure', setting }, times);
    this.#node = { state: step.state, observer: WATCHING };
    this.#take({ input: 'link', up: true }, 0);
  }

  get story(): string {
    return this.#story.map((line, place) => `${String(place + 1).padStart(4)}. ${line}`).join('\n');
  }

  happens({ after, wall, acts }: Happens): void {
    this.#passes(after, wall);
    for (const act of acts) {
      if (act.act === 'wait') this.#passes(act.time, wall);
      for (const input of this.#inputsOf(act)) this.#take(input, wall);
    }
  }

  #inputsOf(act: Act): readonly CassetteInput[] {
    const { lastTicket, firing } = this.#node.state.live;
    switch (act.act) {
      case 'input':
        return [act.input];
      case 'answer':
        return [{ input: 'answer', to: act.to, ok: act.ok, ticket: lastTicket - act.back }];
      case 'wait':
        return [];
      case 'obey':
        if (!firing || firing.waits) return [];
        return (['prepare', 'fire'] as const).map((to) => ({
          input: 'answer',
          to,
          ok: true,
          ticket: firing.ticket,
        }));
    }
  }

  /** Time passes; whatever falls due is told when it does. */
  #passes(time: number, wall: number): void {
    const until = this.#at + time;
    for (let times = 0; times < 200; times += 1) {
      const due = nextDue(this.#node.state, RULES);
      if (due === undefined || due > until) break;
      const again = due === this.#at;
      this.#at = due;
      this.#take({ input: 'tick' }, wall);
      if (again) break;
    }
    this.#at = until;
    this.#take({ input: 'tick' }, wall);
  }

  #take(input: CassetteInput, wall: number): void {
    const { state, observer } = this.#node;
    const at = this.#at;
    const before = input.input === 'restart' ? restored(state.recorded, at) : state;
    const step = nextCassette(before, input, { at, wall });
    for (const { type } of step.events) this.#reached.add(type);
    const told = [...step.events, ...step.effects].map((each) => ('type' in each ? each.type : each.effect));
    this.#story.push(`${at} ${JSON.stringify(input)} → ${step.state.recorded.phase} ${told.join(' ')}`);
    const setting = this.#setting;
    const expected = watch(setting, observer, input, at, state.recorded.timers.grace);
    checkEdge(this.#checks, { setting, input, at, wall, before, watched: observer, expected, step });
    checkView(this.#checks, setting, step.state);
    const live = { ...step.state.live };
    expect(live.blows.length).to.be.at.most(32);
    expect(JSON.stringify(step.state.live)).not.to.include('null');
    this.#node = { state: step.state, observer: seen(setting, expected.observer, input, step, at) };
  }
}

/** Histories of cassettes with any setting, each told of where it keeps a property not. */
function lives(checks: Checks, reached: Set<string>) {
  return fc.property(settings, histories, (setting, happenings) => {
    const life = new Life(setting, checks, reached);
    try {
      for (const each of happenings) life.happens(each);
    } catch (reason) {
      const said = reason instanceof Error ? reason.message : String(reason);
      throw new Error(`${said}\n${JSON.stringify(setting)}\n${life.story}`, { cause: reason });
    }
  });
}

describe('random lives of a cassette', function () {
  this.timeout(300_000);

  it('keep every property, with any setting', () => {
    const checks = new Checks();
    const run = fc.check(lives(checks, new Set()), { numRuns: HISTORIES });
    if (run.failed) {
      const { errorInstance: reason, seed, counterexamplePath: path } = run;
      const said = reason instanceof Error ? reason.message : String(reason);
      expect.fail(`${said}\n(seed ${seed}, path ${path}, after ${run.numRuns} histories)`);
    }
    for (const [name, count] of checks.counts) {
      if (count > 0) process.stdout.write(`      ${name}: ${count}\n`);
    }
  });

  it('are put to the test by what can happen', () => {
    const reached = new Set<string>();
    fc.assert(lives(new Checks(), reached), KNOWN);
    const stories: readonly CassetteEventType[] = [
      'stained',
      'firing-failed',
      'grace-deferred',
      'grace-extended',
      'armed-by-insertion',
      'sensor-unsteady',
      'pre-alarm-begun',
      'second-factor-awaited',
      'key-overridden',
      'service-overdue',
      'transport-overdue',
      'sensor-proved',
    ];
    expect(stories.filter((type) => !reached.has(type))).to.deep.equal([]);
    for (const type of NOT_REACHED) expect(reached.has(type)).to.equal(false);
  });
});
