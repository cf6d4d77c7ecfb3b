import { expect } from 'chai';
import { RULES } from '../../../domain/cassette/rules.ts';
import type { CassetteSetting } from '../../../domain/cassette/setting.ts';
import { nextDue } from '../../../domain/cassette/timers.ts';
import { type Bench, BRUNO, bench, benchIn, K2 } from './machine.ts';

/** An attack was confirmed, and the controller told to prepare: ticket 1. */
function attacked(given: Partial<CassetteSetting> = {}): Bench {
  const made = benchIn('full', given);
  made.samples({ brokenIn: true }, 100);
  expect(made.effects.at(-1)).to.deep.equal({ effect: 'prepare', ticket: 1 });
  made.effects.length = 0;
  return made;
}

function orders(made: Bench): readonly string[] {
  return made.effects.flatMap((effect) =>
    effect.effect === 'prepare' || effect.effect === 'fire' ? [`${effect.effect} ${effect.ticket}`] : [],
  );
}

describe('firing', () => {
  it('takes two steps, and stains when the second is answered', () => {
    const made = attacked();
    expect(made.answer('prepare').effects).to.deep.equal([{ effect: 'fire', ticket: 1 }]);
    expect(made.phase).to.equal('full');
    const done = made.answer('fire');
    expect(made.last('stained')).to.deep.equal({
      from: 'full',
      to: 'stained',
      armedBy: { first: '01606CBF03000021', second: K2.rom },
      timers: {},
      cause: 'break-in',
    });
    expect(done.effects).to.deep.equal([]);
    expect(made.state.recorded).to.include({ phase: 'stained', stainCause: 'break-in' });
    expect(made.state.recorded.attack).to.equal(undefined);
    expect(made.state.live.firing).to.equal(undefined);
    made.live(600_000);
    expect(orders(made)).to.deep.equal(['fire 1']);
  });

  it('goes on though the sensor falls quiet in between', () => {
    const made = attacked();
    made.samples({}, 300);
    made.answer('prepare');
    made.samples({}, 300);
    made.answer('fire');
    expect(made.phase).to.equal('stained');
  });

  it('begins anew where the controller did not carry a step out', () => {
    const made = attacked();
    made.answer('prepare', { ok: false, reason: 'not-ready' });
    expect(made.last('firing-failed')).to.deep.equal({ step: 'prepare', reason: 'not-ready', failures: 1 });
    expect(nextDue(made.state, RULES)).to.equal(made.at + 250);
    made.pass(249);
    expect(orders(made)).to.deep.equal([]);
    made.pass(1);
    expect(orders(made)).to.deep.equal(['prepare 2']);
    made.answer('prepare');
    const { reason: _none, ...failed } = { to: 'fire', ok: false, reason: undefined } as const;
    made.take({ input: 'answer', ...failed, ticket: 2 });
    expect(made.last('firing-failed')).to.deep.equal({ step: 'fire', reason: 'refused', failures: 2 });
    made.pass(250);
    expect(orders(made)).to.deep.equal(['prepare 2', 'fire 2', 'prepare 3']);
  });

  it('begins anew where no answer comes, for ever, and says so less and less often', () => {
    const made = attacked();
    made.pass(4_999);
    expect(made.all('firing-failed')).to.deep.equal([]);
    made.pass(1);
    expect(made.last('firing-failed')).to.deep.equal({ step: 'prepare', reason: 'timed-out', failures: 1 });
    made.live(3_600_000);
    const failures = made.all('firing-failed').map((each) => each.failures);
    expect(failures).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    expect(made.count('prepare')).to.be.greaterThan(600);
    made.answer('prepare');
    made.answer('fire');
    expect(made.phase).to.equal('stained');
  });

  it('takes a late word that it has fired', () => {
    const made = attacked();
    made.answer('prepare');
    made.pass(5_000);
    made.pass(250);
    expect(orders(made)).to.deep.equal(['fire 1', 'prepare 2']);
    made.answer('fire', { ticket: 1 });
    expect(made.phase).to.equal('stained');
  });

  it('takes it while it waits to try again', () => {
    const made = attacked();
    made.answer('prepare');
    made.pass(5_000);
    made.answer('fire');
    expect(made.phase).to.equal('stained');
  });

  it('takes no other late word', () => {
    const made = attacked();
    made.pass(5_000);
    // It waits to try again.
    made.answer('prepare', { ticket: 1 });
    made.pass(250);
    made.answer('prepare', { ticket: 1 });
    made.answer('prepare', { ticket: 3 });
    made.answer('fire', { ticket: 2 });
    made.answer('fire', { ticket: 2, ok: false });
    made.answer('prepare', { ticket: 1, ok: false });
    expect(orders(made)).to.deep.equal(['prepare 2']);
    expect(made.all('firing-failed')).to.have.length(1);
    expect(made.phase).to.equal('full');
    made.answer('prepare');
    made.answer('prepare');
    expect(orders(made)).to.deep.equal(['prepare 2', 'fire 2']);
  });

  it('takes no word that comes before it was asked', () => {
    const made = attacked();
    made.pass(5_000);
    made.at += 250;
    made.answer('prepare', { ticket: 2 });
    expect(orders(made)).to.deep.equal(['prepare 2']);
    made.answer('prepare', { ticket: 2 });
    expect(orders(made)).to.deep.equal(['prepare 2', 'fire 2']);
  });

  it('takes no word of an earlier attack', () => {
    const made = attacked();
    made.answer('prepare');
    made.answer('fire');
    made.sample();
    made.do('reset-stained', { second: BRUNO });
    made.do({ do: 'finish-service', loaded: true });
    made.samples({ brokenIn: true }, 100);
    made.answer('fire', { ticket: 1 });
    expect(made.phase).to.equal('rest');
    made.answer('prepare');
    for (const ticket of [1, 3]) made.answer('fire', { ticket });
    expect(made.phase).to.equal('rest');
    made.answer('fire', { ticket: 2 });
    expect(made.phase).to.equal('stained');
  });

  it('is not answered where nothing was asked', () => {
    const made = benchIn('full');
    for (const to of ['prepare', 'fire'] as const) {
      for (const ticket of [0, 1]) expect(made.answer(to, { ticket }).events).to.deep.equal([]);
    }
    expect(orders(made)).to.deep.equal([]);
  });

  for (const step of ['prepare', 'fire'] as const) {
    it(`waits where the link is lost after ${step}, and begins anew with it`, () => {
      const made = attacked();
      if (step === 'fire') made.answer('prepare');
      made.effects.length = 0;
      made.link(false);
      made.live(3_600_000);
      expect(orders(made)).to.deep.equal([]);
      expect(nextDue(made.state, RULES)).to.equal(undefined);
      made.link(true);
      expect(orders(made)).to.deep.equal(['prepare 2']);
      made.answer('prepare');
      made.answer('fire');
      expect(made.phase).to.equal('stained');
      expect(made.last('stained').cause).to.equal('break-in');
    });
  }

  it('is told by a sample where its answer was lost', () => {
    const made = attacked();
    made.answer('prepare');
    made.link(false);
    made.link(true);
    made.sample({ stainer: 'fired' });
    expect(made.last('stained')).to.include({ cause: 'break-in', to: 'stained' });
  });

  it('is not gone on with after a power cut between its steps; an attack that goes on is confirmed anew', () => {
    const made = attacked();
    made.answer('prepare');
    made.effects.length = 0;
    const step = made.restart();
    expect(step.effects).to.deep.equal([]);
    expect(made.last('cassette-restarted')).to.deep.equal({ phase: 'full', interrupted: 'break-in' });
    made.link(true);
    made.sample({ brokenIn: true });
    made.answer('fire', { ticket: 1 });
    made.answer('prepare', { ticket: 1 });
    expect(orders(made)).to.deep.equal([]);
    made.at += 50;
    made.sample({ brokenIn: true });
    expect(orders(made)).to.deep.equal(['prepare 1']);
  });

  it('that had happened before a power cut is found out from the stainer', () => {
    const made = attacked();
    made.answer('prepare');
    made.restart();
    made.link(true);
    made.sample({ stainer: 'fired' });
    expect(made.last('stained')).to.include({ from: 'full', to: 'stained', cause: 'controller' });
    expect(made.phase).to.equal('stained');
  });

  it('is given up by a restart even of a machine that was not made anew', () => {
    const made = attacked();
    made.take({ input: 'restart' });
    for (let times = 0; times < 5; times += 1) made.pass(60_000);
    expect(orders(made)).to.deep.equal([]);
    expect(made.all('firing-failed')).to.deep.equal([]);
    made.samples({ brokenIn: true }, 100);
    expect(orders(made)).to.deep.equal(['prepare 2']);
  });

  it('does not happen in a phase where a spent stainer is nothing new', () => {
    for (const phase of ['service', 'stained'] as const) {
      const made = benchIn(phase);
      made.events.length = 0;
      made.samples({ stainer: 'fired', brokenIn: true }, 1_000);
      expect(made.all('stained')).to.deep.equal([]);
      expect(made.phase).to.equal(phase);
    }
  });

  it('is on record with the controller as its cause where it fired by itself', () => {
    for (const phase of ['rest', 'transit', 'full'] as const) {
      const made = benchIn(phase);
      made.sample({ stainer: 'fired' });
      expect(made.last('stained')).to.include({ from: phase, cause: 'controller' });
      expect(made.count('prepare')).to.equal(0);
    }
  });

  it('leaves nothing to be done by time once it is over', () => {
    const made = benchIn('grace', { mode: 'internal-protected-zone', transportWithin: 60_000 });
    made.samples({ brokenIn: true }, 100);
    made.answer('prepare');
    made.answer('fire');
    expect(made.state.live.ends).to.deep.equal({});
    expect(nextDue(made.state, RULES)).to.equal(undefined);
    made.events.length = 0;
    made.pass(3_600_000);
    expect(made.events).to.deep.equal([]);
  });

  it('leaves nothing to be done by time while it is under way', () => {
    const made = benchIn('grace', {
      mode: 'internal-protected-zone',
      transportWithin: 60_000,
      secondFactor: { required: false, within: 1 },
    });
    made.samples({ brokenIn: true }, 100);
    made.events.length = 0;
    made.live(3_600_000);
    expect(new Set(made.events.map(({ type }) => type))).to.deep.equal(new Set(['firing-failed']));
    expect(nextDue(made.state, RULES)).to.be.greaterThan(made.at - 1);
  });

  it('refuses every command, and says why', () => {
    const made = attacked();
    for (const what of [
      'enter-service',
      'reset-stained',
      'override-key',
      'confirm-key',
      'self-test',
    ] as const) {
      expect(made.do(what, { second: BRUNO }).refusal?.code).to.equal('attack-under-way');
    }
    expect(made.phase).to.equal('full');
  });

  for (const [why, trouble] of [
    ['whose controller does not answer', (made: Bench) => made.link(false)],
    [
      'that its controller has failed at eight times',
      (made: Bench) => {
        for (let failures = 0; failures < 8; failures += 1) {
          made.answer('prepare', { ok: false });
          made.pass(250);
        }
      },
    ],
  ] as const) {
    it(`is given up by two persons, and by no one alone: one ${why}`, () => {
      const made = attacked({ resetByTwoPersons: false });
      trouble(made);
      expect(made.do('reset-stained').refusal?.code).to.equal('second-person-missing');
      for (const what of ['enter-service', 'override-key'] as const) {
        expect(made.do(what, { second: BRUNO }).refusal?.code).to.equal('attack-under-way');
      }
      made.do('reset-stained', { second: BRUNO, reason: 'the cartridge is gone' });
      expect(made.phase).to.equal('service');
      expect(made.state.recorded.attack).to.equal(undefined);
      made.effects.length = 0;
      made.link(false);
      made.link(true);
      made.live(60_000);
      expect(orders(made)).to.deep.equal([]);
    });
  }

  it('is not given up after seven failures', () => {
    const made = attacked();
    for (let failures = 0; failures < 7; failures += 1) {
      made.answer('prepare', { ok: false });
      made.pass(250);
    }
    expect(made.do('reset-stained', { second: BRUNO }).refusal?.code).to.equal('attack-under-way');
  });

  it('follows from a lid at rest as from anything else', () => {
    const made = bench();
    made.samples({ lidOpen: true }, 3_200);
    made.answer('prepare');
    made.answer('fire');
    expect(made.last('stained')).to.include({ from: 'rest', to: 'stained', cause: 'lid' });
  });
});
