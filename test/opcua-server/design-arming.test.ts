import { expect } from 'chai';
import { MANAGEMENT_MODES, type ManagementMode, PHASES } from '../../domain/cassette/setting.ts';
import { armingState, armingTransition } from '../../opcua-server/arming.ts';
import { ARMING_MOVES, ARMING_STATE_MACHINE_TYPE } from '../../opcua-server/design/cassette-arming.ts';
import { CASSETTE_ENUMERATIONS } from '../../opcua-server/design/cassette-enumerations.ts';
import { designId } from '../../opcua-server/design/design.ts';
import { explore } from '../domain/cassette/exploration/explore.ts';
import {
  commandsOf,
  keysOf,
  samplesOf,
  shortSetting,
  TIME,
  troublesOf,
} from '../domain/cassette/exploration/inputs.ts';
import { EVENTS, MOVES } from '../domain/cassette/tables.ts';

/** What is enough to come from every phase to every other one. */
const HAPPENINGS: readonly string[] = [
  'a unit of time',
  'link up',
  'link down',
  'restart',
  'a sample: nothing active, in the machine',
  'a sample: broken in',
  'a sample: a spent stainer',
  'key k1',
  'key k2',
  'key k',
  'service',
  'service over',
  'reset by two',
  'override by two',
];

function designed(mode: ManagementMode): readonly string[] {
  return ARMING_MOVES.filter(({ modes }) => modes.includes(mode)).map(({ from, to }) => `${from} → ${to}`);
}

describe('the arming state machine of the model', () => {
  for (const mode of MANAGEMENT_MODES) {
    it(`${mode}: has each transition that the machine of the domain can make, and none that it cannot`, function () {
      this.timeout(240_000);
      const setting = shortSetting({ mode });
      const { moves } = explore({
        setting,
        happenings: [
          ...TIME,
          ...troublesOf(setting),
          ...samplesOf(),
          ...keysOf(setting),
          ...commandsOf(),
        ].filter(({ name }) => HAPPENINGS.includes(name)),
        most: 60_000,
      });
      expect([...designed(mode)].sort()).to.deep.equal([...moves].sort());
    });

    it(`${mode}: has each move of the tables written by hand`, () => {
      const moves = Object.entries(MOVES[mode]).flatMap(([from, ways]) =>
        Object.keys(EVENTS).flatMap((event) => {
          const to = ways[event as keyof typeof EVENTS];
          return to === undefined ? [] : [`${from} → ${to}`];
        }),
      );
      expect(moves).not.to.deep.equal([]);
      expect(designed(mode)).to.include.members(moves);
    });
  }

  it('has a state for each phase, numbered as its enumeration', () => {
    const states = ARMING_STATE_MACHINE_TYPE.states ?? [];
    const enumeration = CASSETTE_ENUMERATIONS.find(({ browse }) => browse === 'CassetteStateEnumeration');
    expect(states).to.have.length(PHASES.length);
    expect(states.map(({ browse, number, name }) => ({ field: browse, number, name }))).to.deep.equal(
      enumeration?.values,
    );
    expect(states.filter(({ initial }) => initial).map(({ browse }) => browse)).to.deep.equal(['Rest']);
  });

  it('numbers its transitions from 1 without a gap, between states that it has', () => {
    const { states = [], transitions = [] } = ARMING_STATE_MACHINE_TYPE;
    const names = states.map(({ browse }) => browse);
    expect(transitions.map(({ number }) => number)).to.deep.equal(
      transitions.map((_none, place) => place + 1),
    );
    expect(names).to.include.members(transitions.flatMap(({ from, to }) => [from, to]));
    expect(new Set(transitions.map(({ from, to }) => `${from} ${to}`)).size).to.equal(transitions.length);
  });
});

describe('the arming of a cassette by its views', () => {
  const at = Date.UTC(2026, 2, 1);

  it('tells the state as the model names it', () => {
    for (const phase of PHASES) {
      const { id, number, text } = armingState({ phase });
      const state = ARMING_STATE_MACHINE_TYPE.states?.find(
        ({ browse }) => designId(ARMING_STATE_MACHINE_TYPE.browse, browse) === id,
      );
      expect(state, id).to.include({ number });
      expect(state?.name).to.deep.equal(text);
    }
  });

  it('tells the transition that led there, with its time', () => {
    expect(armingTransition({ phase: 'rest' }, { phase: 'transit', mode: 'outsourced' }, at)).to.deep.equal({
      id: 's=type/ArmingStateMachineType/FromRestToTransit',
      number: 3,
      text: {
        en: 'Armed for the way',
        pl: 'Uzbrojono na czas transportu',
        it: 'Attivato per il trasporto',
      },
      time: new Date(at),
    });
  });

  it('tells nothing new of a cassette that stays as it is', () => {
    expect(armingTransition({ phase: 'full' }, { phase: 'full', mode: 'internal' }, at)).to.equal(
      'unchanged',
    );
  });

  it('names no transition where there were several in between', () => {
    // By way of transit in this mode; straight in the other one.
    expect(armingTransition({ phase: 'rest' }, { phase: 'full', mode: 'outsourced' }, at)).to.equal(
      'unknown',
    );
    expect(armingTransition({ phase: 'rest' }, { phase: 'full', mode: 'internal' }, at)).to.include({
      number: 5,
    });
    expect(armingTransition({ phase: 'service' }, { phase: 'stained', mode: 'internal' }, at)).to.equal(
      'unknown',
    );
  });
});
