import { expect } from 'chai';
import type { Loss } from '../../domain/cabinet/events.ts';
import { lossesOf } from '../../domain/cabinet/mode.ts';
import { ADMINISTRATOR, CabinetUnderTest, codeOf, setting } from './support/cabinet.ts';
import { leave, master, PanelUnderTest } from './support/panel.ts';

function scene(schema: string): [CabinetUnderTest, PanelUnderTest] {
  const cabinet = CabinetUnderTest.ready(setting(schema));
  return [cabinet, new PanelUnderTest(cabinet)];
}

function change(schema: string, force: boolean, reason = 'another use') {
  return { input: 'change-mode', actor: ADMINISTRATOR, schema, force, reason } as const;
}

/** What a cabinet may hold, and what a change of mode would lose of it. */
const HOLDINGS: readonly (readonly [string, () => CabinetUnderTest, readonly Loss[]])[] = [
  [
    'rights',
    () => {
      const [cabinet] = scene('2.2');
      cabinet.uses('anna');
      cabinet.uses('bert');
      return cabinet;
    },
    [
      { lost: 'right', compartment: 1, user: 'anna' },
      { lost: 'right', compartment: 2, user: 'bert' },
    ],
  ],
  [
    'a deposit and its code',
    () => {
      const [cabinet, hall] = scene('4.3');
      leave(cabinet, hall, 'pin-1');
      return cabinet;
    },
    [
      { lost: 'deposit', compartment: 1, deposit: 'grant-hall-2' },
      { lost: 'code', compartment: 1, code: 'pin-1' },
    ],
  ],
  [
    'a session with something inside',
    () => {
      const [cabinet, hall] = scene('6.1');
      hall.identify(master('mia'));
      cabinet.opens(1);
      cabinet.closes(1);
      return cabinet;
    },
    [
      { lost: 'deposit', compartment: 1, deposit: 'grant-hall-1' },
      { lost: 'session', session: 'session-hall-2', panel: 'hall' },
    ],
  ],
  [
    'items, named or not, and loans',
    () => {
      const [cabinet] = scene('3.1');
      cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
      cabinet.administer({ input: 'stock', compartment: 2 });
      cabinet.administer({ input: 'stock', compartment: 3, item: 'saw' });
      cabinet.uses('anna');
      return cabinet;
    },
    [
      { lost: 'content', compartment: 2 },
      { lost: 'content', compartment: 3, item: 'saw' },
      { lost: 'loan', compartment: 1, user: 'anna', item: 'drill' },
    ],
  ],
];

describe('a change of mode', () => {
  for (const [what, holding, losses] of HOLDINGS) {
    it(`lists ${what} as lost, is refused for it, and goes through by force`, () => {
      const cabinet = holding();
      const before = cabinet.state;
      expect(lossesOf(cabinet.state)).to.deep.equal(losses);
      const refused = cabinet.put(change('1.1', false));
      expect(refused.refusal).to.deep.equal({
        code: 'cabinet-not-empty',
        values: { cabinet: 'A', count: losses.length },
      });
      expect(cabinet.state).to.equal(before);

      const taken = before.compartments.filter(({ occupiedSince }) => occupiedSince !== undefined);
      const inspect = taken.map(({ number }) => number);
      const forced = cabinet.put(change('1.1', true));
      expect(forced.event?.data).to.deep.include({ to: '1.1', lost: losses, inspect });
      expect(lossesOf(cabinet.state)).to.deep.equal([]);
      expect(cabinet.state.setting.schema).to.equal('1.1');
      for (const { number, blocked, occupiedSince } of cabinet.state.compartments) {
        expect(occupiedSince, `${number} is taken`).to.equal(undefined);
        expect(blocked, `${number} is blocked`).to.equal(
          inspect.includes(number) ? 'another use' : undefined,
        );
      }
    });
  }

  it('of an empty cabinet needs no force, and the next person is served by the new schema', () => {
    const [cabinet, hall] = scene('4.3');
    expect(codeOf(cabinet.put(change('2.2', false)))).to.equal('done');
    expect(hall.deposit()).to.equal('identification-needed');
    expect(hall.identify('anna')).to.equal(1);
  });

  it('wants a reason and another schema', () => {
    const [cabinet] = scene('4.3');
    expect(codeOf(cabinet.put(change('2.2', true, ' ')))).to.equal('reason-required');
    expect(codeOf(cabinet.put(change('4.3', true)))).to.equal('mode-unchanged');
  });

  it('waits for an opening under way, forced or not', () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    expect(codeOf(cabinet.put(change('2.2', true)))).to.equal('compartment-in-use');
  });

  it('with a door open leaves nothing for its closing to end', () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.put(change('2.2', true));
    expect(cabinet.closes(1).event?.data).to.not.have.property('outcome');
    expect(cabinet.compartment(1)).to.deep.include({ deposit: undefined, occupiedSince: undefined });
    expect(cabinet.compartment(1).blocked).to.equal('another use');
  });

  it('waits for no item reader: what it says later ends nothing', () => {
    const { compartments } = setting('3.1');
    const cabinet = CabinetUnderTest.ready(
      setting('3.1', { compartments: compartments.map((each) => ({ ...each, itemReader: true })) }),
    );
    cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
    cabinet.uses('anna');
    cabinet.put(change('2.2', true));
    expect(cabinet.put({ input: 'settle', compartment: 1, answered: false })).to.deep.equal({ effects: [] });
    expect(cabinet.state.loans).to.deep.equal([]);
  });

  it('by the site file asks nobody on who was asked under the schema before', () => {
    const [cabinet, hall] = scene('4.2');
    hall.deposit();
    cabinet.put({ input: 'configure', setting: setting('4.2') });
    expect(hall.prompt).to.equal('choose-compartment');
    cabinet.put({ input: 'configure', setting: setting('2.2') });
    expect(hall.session).to.equal(undefined);
  });

  it('keeps the reason of a block that stood before', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    cabinet.administer({ input: 'block', compartment: 1 });
    cabinet.put(change('2.2', true));
    expect(cabinet.compartment(1).blocked).to.equal('asked for');
  });

  it('keeps what the site file says apart from what an administrator chose', () => {
    const [cabinet] = scene('4.3');
    cabinet.put(change('2.2', false));
    expect(cabinet.state).to.deep.include({ schemaOfFile: '4.3' });
    cabinet.put({ input: 'configure', setting: setting('2.2'), schemaOfFile: '4.3' });
    expect(cabinet.state).to.deep.include({ schemaOfFile: '4.3' });
    expect(cabinet.state.setting.schema).to.equal('2.2');
  });
});
