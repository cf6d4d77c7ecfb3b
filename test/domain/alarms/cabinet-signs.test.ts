import { expect } from 'chai';
import { alarmId } from '../../../domain/alarms/alarm.ts';
import { cabinetShows, cabinetSigns, cabinetStanding } from '../../../domain/alarms/cabinet-signs.ts';
import { decideSigns } from '../../../domain/alarms/decide.ts';
import { evolveAlarms } from '../../../domain/alarms/evolve.ts';
import { NO_ALARMS } from '../../../domain/alarms/state.ts';
import type { CabinetEvent, CabinetEvents, CabinetEventType } from '../../../domain/cabinet/events.ts';
import { evolve } from '../../../domain/cabinet/evolve.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { CabinetUnderTest, setting } from '../support/cabinet.ts';
import { inShort } from './words.ts';

const compartment = 1;
const grant = 'g1';
const reason = 'test';
const session = { session: 's1', panel: 'p1' } as const;
const code = { id: 'c1', kind: 'pin', verifier: 'v' } as const;

/** Of every type of event what it says. */
const TABLE: {
  readonly [Type in CabinetEventType]: readonly (readonly [
    data: CabinetEvents[Type],
    says: readonly string[],
  ])[];
} = {
  'door-forced': [[{ compartment, whileAway: false }, ['raised door-forced@A/1']]],
  'door-left-open': [[{ compartment }, ['raised door-left-open@A/1']]],
  'door-opened': [[{ compartment, grant }, ['over door-forced@A/1', 'over door-left-open@A/1']]],
  'door-closed': [
    [{ compartment }, ['over door-forced@A/1', 'over door-left-open@A/1']],
    [{ compartment, outcome: 'taken' }, ['over door-forced@A/1', 'over door-left-open@A/1']],
    ...(['collected', 'returned', 'ended'] as const).map(
      (outcome) =>
        [
          { compartment, outcome },
          ['over door-forced@A/1', 'over door-left-open@A/1', 'over overdue@A/1'],
        ] as const,
    ),
  ],
  'unlock-failed': [
    [
      { compartment, grant, cause: 'no-answer', attempts: 3, outOfOrder: true, freed: false },
      ['raised lock-fault@A/1'],
    ],
    [{ compartment, grant, cause: 'no-answer', attempts: 3, outOfOrder: false, freed: false }, []],
  ],
  'compartment-returned-to-service': [[{ compartment, reason }, ['over lock-fault@A/1']]],
  'board-lost': [[{ board: 'left' }, ['raised board-lost@A:left']]],
  'board-found': [[{ board: 'left' }, ['over board-lost@A:left']]],
  overdue: [[{ compartment }, ['raised overdue@A/1']]],
  'compartment-emptied': [[{ compartment, reason }, ['over overdue@A/1']]],
  'compartment-released': [[{ compartment, users: [], reason }, ['over overdue@A/1']]],
  'fault-reported': [[{ compartment, fault: 'dirty', panel: 'p1' }, ['raised fault-reported@A/1']]],
  'use-settled': [
    [{ compartment, grant, outcome: 'returned' }, ['over overdue@A/1']],
    [{ compartment, grant, outcome: 'wrong-item', item: 'drill' }, ['raised wrong-item@A/1']],
    [{ compartment, grant, outcome: 'item-missing' }, ['raised item-missing@A/1']],
    ...(['taken', 'nothing-taken', 'nothing-returned', 'unchanged'] as const).map(
      (outcome) => [{ compartment, grant, outcome }, []] as const,
    ),
  ],
  'access-refused': [
    [{ reason: 'wrong-code' as CabinetEvents['access-refused']['reason'], reader: 'r1' }, []],
    [{ reason: 'too-many-attempts', reader: 'r1' }, ['raised too-many-attempts@A:r1']],
    [{ reason: 'too-many-attempts', panel: 'p1', compartment }, ['raised too-many-attempts@A/1:p1']],
    [{ reason: 'too-many-attempts', compartment }, ['raised too-many-attempts@A/1']],
    [{ reason: 'no-free-compartment', duress: true }, ['raised duress@A']],
    [{ reason: 'too-many-attempts', compartment, duress: true }, ['raised duress@A/1']],
  ],
  'compartment-granted': [
    [{ compartment, grant, allocation: 'new' }, []],
    [{ compartment, grant, allocation: 'new', duress: true }, ['raised duress@A/1']],
  ],
  'session-started': [
    [{ ...session, step: { step: 'choose-compartment' } as never }, []],
    [{ ...session, step: { step: 'choose-compartment' } as never, duress: true }, ['raised duress@A']],
  ],
  'cabinet-configured': [[{ cabinet: setting('2.2') }, []]],
  'mode-changed': [[{ from: '2.2', to: '1.1', reason, lost: [], inspect: [] }, []]],
  'grant-lapsed': [[{ compartment, grant, cause: 'expired', freed: false }, []]],
  'doors-found': [[{ board: 'left', open: [1], closed: [2] }, []]],
  'compartment-assigned': [[{ compartment, user: 'u', reason }, []]],
  'compartment-blocked': [[{ compartment, reason }, []]],
  'compartment-unblocked': [[{ compartment, reason }, []]],
  'code-assigned': [[{ compartment, code, reason }, []]],
  'session-moved': [[{ ...session, step: { step: 'choose-compartment' } as never }, []]],
  'session-ended': [[{ ...session, cause: 'timed-out' as CabinetEvents['session-ended']['cause'] }, []]],
  'deposit-stored': [[{ compartment, deposit: 'd1', session: 's1', code }, []]],
  'deposit-abandoned': [[{ compartment, deposit: 'd1', ...session, cause: 'no-code' }, []]],
  'deposit-mail': [[{ compartment, deposit: 'd1', outcome: 'refused', user: 'u' }, []]],
  'compartment-stocked': [[{ compartment, reason }, []]],
  'item-placed': [[{ compartment, item: 'drill' }, []]],
  'item-removed': [[{ compartment, item: 'drill' }, []]],
};

const CASES = Object.entries(TABLE).flatMap(([type, rows]) =>
  (rows as readonly (readonly [object, readonly string[]])[]).map(([data, says]) => ({
    event: { type, actor: GATEWAY, data } as unknown as CabinetEvent,
    says,
  })),
);

describe('Signs in the events of a cabinet', () => {
  for (const { event, says } of CASES) {
    it(`${event.type} ${JSON.stringify(event.data).slice(0, 80)}: ${says.join(', ') || 'nothing'}`, () => {
      expect(cabinetSigns('A', event).map(inShort)).to.deep.equal(says);
    });
  }
});

describe('What stands in a cabinet', () => {
  function cabinet(): CabinetUnderTest {
    return CabinetUnderTest.ready();
  }

  /** A state after events that the test makes up. */
  function stateAfter(...events: readonly CabinetEvent[]) {
    return events.reduce((state, event) => evolve(state, event, 0), cabinet().state);
  }

  const forced: CabinetEvent = {
    type: 'door-forced',
    actor: GATEWAY,
    data: { compartment: 1, whileAway: false },
  };
  const lost: CabinetEvent = { type: 'board-lost', actor: GATEWAY, data: { board: 'right' } };
  const broken: CabinetEvent = {
    type: 'unlock-failed',
    actor: GATEWAY,
    data: { compartment: 3, grant, cause: 'no-answer', attempts: 3, outOfOrder: true, freed: false },
  };

  it('is nothing where nothing is the matter', () => {
    expect(cabinetStanding(cabinet().state)).to.deep.equal([]);
  });

  it('is what its state shows', () => {
    expect(cabinetStanding(stateAfter(forced, broken, lost)).map(inShort)).to.have.members([
      'raised board-lost@A:right',
      'raised door-forced@A/1',
      'raised lock-fault@A/3',
    ]);
  });

  it('agrees with the question whether an alarm is still shown', () => {
    const state = stateAfter(forced, broken, lost);
    const signs = cabinetStanding(state);
    const alarms = signs.map((sign) => {
      const { event } = decideSigns(NO_ALARMS, [sign], 0);
      const alarm =
        event && evolveAlarms(NO_ALARMS, event, 0).alarms.get(alarmId(sign.kind, sign.source, sign.part));
      if (!alarm) throw new Error('The alarm was not raised.');
      return alarm;
    });
    expect(alarms.map((alarm) => cabinetShows(state, alarm))).to.deep.equal([true, true, true]);
    expect(alarms.map((alarm) => cabinetShows(cabinet().state, alarm))).to.deep.equal([false, false, false]);
  });

  it('is no more what stands in a compartment that is there no more', () => {
    const [sign] = cabinetStanding(stateAfter(forced));
    const { event } = decideSigns(NO_ALARMS, sign ? [sign] : [], 0);
    const alarm = event && evolveAlarms(NO_ALARMS, event, 0).alarms.get('door-forced@A/1');
    const small = { ...stateAfter(forced), compartments: [] };
    expect(alarm && cabinetShows(small, alarm)).to.equal(false);
  });

  it('says nothing of what is only told by an event', () => {
    const { event } = decideSigns(
      NO_ALARMS,
      cabinetSigns('A', {
        type: 'fault-reported',
        actor: GATEWAY,
        data: { compartment: 1, fault: 'dirty', panel: 'p' },
      }),
      0,
    );
    const alarm = event && evolveAlarms(NO_ALARMS, event, 0).alarms.get('fault-reported@A/1');
    expect(alarm && cabinetShows(cabinet().state, alarm)).to.equal(undefined);
  });
});
