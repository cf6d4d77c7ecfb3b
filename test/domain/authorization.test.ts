import { expect } from 'chai';
import type { Identification } from '../../domain/cabinet/inputs.ts';
import type { Right } from '../../domain/rights.ts';
import type { CabinetSetting } from '../../domain/site.ts';
import { CabinetUnderTest, codeOf, person, setting } from './support/cabinet.ts';
import { master, outcomeOf, PanelUnderTest } from './support/panel.ts';

function scene(schema: string, change: Partial<CabinetSetting> = {}): [CabinetUnderTest, PanelUnderTest] {
  const cabinet = CabinetUnderTest.ready(setting(schema, change));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** Anna, with rights of her own. */
function anna(...rights: Partial<Right>[]): Identification {
  const given = rights.map((right, place) => ({
    id: `right-${place}`,
    cabinet: 'A',
    user: 'anna',
    ...right,
  }));
  return { ...person('anna'), rights: given };
}

const HOUR = 3_600_000;

describe('two persons', () => {
  const TWO: Partial<CabinetSetting> = { twoPersons: { userGroups: [] } };

  it('have to identify before a door opens; both are on record', () => {
    const [cabinet, hall] = scene('2.2', TWO);
    expect(hall.identify('anna')).to.equal('second-person');
    expect(hall.identify('bert')).to.equal(1);
    expect(cabinet.log.at(-1)?.event).to.deep.include({ actor: { kind: 'user', id: 'anna' } });
    expect(cabinet.log.at(-1)?.event.data).to.deep.include({
      user: 'anna',
      credential: 'card-of-anna',
      second: { user: 'bert', credential: 'card-of-bert' },
    });
    expect(cabinet.compartment(1).holders, 'it is hers alone').to.deep.equal(['anna']);
  });

  it('are two: the first one again is refused on record, and still awaited', () => {
    const [cabinet, hall] = scene('2.2', TWO);
    hall.identify('anna');
    expect(hall.identify('anna')).to.equal('second-person-same');
    expect(cabinet.log.at(-1)?.event).to.deep.include({ type: 'access-refused' });
    expect(hall.prompt).to.equal('second-person');
  });

  it('may have to be of a group; whoever is not is refused', () => {
    const [, hall] = scene('2.2', { twoPersons: { userGroups: ['supervisors'] } });
    hall.identify('anna');
    expect(hall.identify('bert')).to.equal('second-person-not-permitted');
    expect(hall.identify(person('sue', 'supervisors'))).to.equal(1);
  });

  it('of any group have to be admitted to the cabinet both', () => {
    const [, hall] = scene('2.2', { ...TWO, userGroups: ['staff'] });
    hall.identify(person('anna', 'staff'));
    expect(hall.identify('bert')).to.equal('second-person-not-permitted');
    expect(hall.identify(person('carl', 'staff'))).to.equal(1);
  });

  it('are asked for after a pick, and after a code, and what was picked opens', () => {
    const [, hall] = scene('6.3', TWO);
    hall.identify(master('mia'));
    expect(hall.code('qr-1', 'qr')).to.equal('choose-compartment');
    expect(hall.pick(3)).to.equal('second-person');
    expect(hall.identify('bert')).to.equal(3);
  });

  it('find the picked compartment taken by somebody quicker: the session ends with words', () => {
    const [cabinet, hall] = scene('6.2', TWO);
    const yard = new PanelUnderTest(cabinet, 'yard');
    for (const panel of [hall, yard]) {
      panel.identify(master(`master-at-${panel.id}`));
      panel.pick(3);
    }
    expect(hall.identify('bert')).to.equal(3);
    expect(yard.identify('carl')).to.equal('compartment-taken');
    expect(yard.session).to.equal(undefined);
  });

  it('are those who began: a second person for somebody else opens nothing', () => {
    const [cabinet, hall] = scene('2.2', TWO);
    hall.identify('anna');
    const session = hall.session?.id ?? '';
    const mixed = {
      input: 'second',
      session,
      person: person('zoe'),
      second: person('bert'),
      grant: 'g',
    } as const;
    expect(outcomeOf(cabinet.put(mixed))).to.equal('session-over');
    expect(hall.identify('bert')).to.equal(1);
  });

  it('need a panel: a flow cannot ask for the second one', () => {
    const [cabinet] = scene('2.2', TWO);
    expect(cabinet.ask('anna')).to.equal('panel-needed');
  });

  it('are not asked of a first one whose right ended meanwhile', () => {
    const [cabinet, hall] = scene('2.2', TWO);
    hall.identify(anna({}));
    const session = hall.session?.id ?? '';
    const over = anna({ validUntil: cabinet.now });
    const second = { input: 'second', session, person: over, second: person('bert'), grant: 'g' } as const;
    expect(outcomeOf(cabinet.put(second))).to.equal('no-longer-valid');
    expect(hall.session).to.equal(undefined);
  });
});

describe('anti-passback that wants doors closed first', () => {
  const CLOSE: Partial<CabinetSetting> = { antiPassback: { closeFirst: true, waitFor: 0 } };

  it('opens nothing else for a person whose door stands open', () => {
    const [cabinet, hall] = scene('6.1', CLOSE);
    expect(hall.identify(master('mia'))).to.equal(1);
    const yard = new PanelUnderTest(cabinet, 'yard');
    expect(yard.identify(master('mia')), 'while it is opening').to.equal('close-first');
    cabinet.opens(1);
    expect(yard.identify(master('mia')), 'while it is open').to.equal('close-first');
    expect(yard.identify(master('max')), 'others may').to.equal(2);
    cabinet.closes(1);
    expect(yard.identify(master('mia'))).to.equal(3);
  });

  it('opens their own one again: its sensor may be broken', () => {
    const [cabinet] = scene('2.2', CLOSE);
    cabinet.ask('anna');
    cabinet.opens(1);
    expect(cabinet.ask('anna')).to.equal(1);
  });

  it('left out, lets a person have several open', () => {
    const [cabinet, hall] = scene('6.1');
    hall.identify(master('mia'));
    cabinet.opens(1);
    expect(new PanelUnderTest(cabinet, 'yard').identify(master('mia'))).to.equal(2);
  });
});

describe('anti-passback that wants a wait', () => {
  const WAIT: Partial<CabinetSetting> = { antiPassback: { closeFirst: false, waitFor: 60_000 } };

  it('counts from the opening of the door, and ends to the second', () => {
    const [cabinet] = scene('2.2', WAIT);
    cabinet.ask('anna');
    cabinet.now += 30_000;
    cabinet.opens(1);
    const opened = cabinet.now;
    cabinet.closes(1);
    cabinet.now = opened + 59_000 - 1_000;
    const early = cabinet.put({ input: 'access', person: person('anna'), grant: 'early' });
    expect(early.refusal).to.deep.equal({ code: 'wait-first', values: { seconds: 1 } });
    expect(cabinet.ask('anna')).to.equal(1);
    expect(cabinet.ask('bert'), 'nobody else waits').to.equal(2);
  });

  it('makes nobody wait after a clock that was set back an hour', () => {
    const [cabinet] = scene('2.2', WAIT);
    cabinet.uses('anna');
    cabinet.now -= HOUR;
    expect(cabinet.ask('anna')).to.equal(1);
  });

  it('forgets those who need not wait any more', () => {
    const [cabinet] = scene('2.2', WAIT);
    cabinet.uses('anna');
    cabinet.now += HOUR;
    cabinet.uses('bert');
    expect([...cabinet.state.lastUses.keys()]).to.deep.equal(['bert']);
  });

  it('left out, is not even noted', () => {
    const [cabinet] = scene('2.2');
    cabinet.uses('anna');
    expect(cabinet.state.lastUses.size).to.equal(0);
  });
});

describe('a right', () => {
  /** Thursday 1 January 2026, 00:00 UTC, and the hours of a working day. */
  const WORKDAY = { days: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' } as const;

  it('outside its hours opens nothing, says so on record, and opens within them', () => {
    const [cabinet, hall] = scene('2.2', { timeZone: 'Europe/Warsaw' });
    expect(hall.identify(anna({ weekly: [WORKDAY] }))).to.equal('outside-hours');
    expect(cabinet.log.at(-1)?.event).to.deep.include({ type: 'access-refused' });
    expect(cabinet.log.at(-1)?.event.data).to.include({ reason: 'outside-hours', user: 'anna' });
    cabinet.now = Date.UTC(2026, 0, 1, 7, 30);
    expect(hall.identify(anna({ weekly: [WORKDAY] })), '08:30 in Warsaw').to.equal(1);
  });

  it('overlapping with another allows what any of them allows', () => {
    const [cabinet, hall] = scene('2.2');
    const over = { validUntil: cabinet.now };
    const late = { compartmentGroups: ['late'] };
    expect(hall.identify(anna(over))).to.equal('no-longer-valid');
    expect(hall.identify(anna(over, { weekly: [WORKDAY] }, late)), 'the group').to.equal(3);
    cabinet.opens(3);
    cabinet.closes(3);
    const [, yard] = scene('2.2');
    expect(yard.identify(anna(over, late, {})), 'the whole cabinet').to.equal(1);
    const [, gate] = scene('2.2');
    expect(gate.identify(anna({ pick: true, validUntil: 0 }, {})), 'a pick that is over').to.equal(1);
    expect(gate.identify(anna({ pick: true }, {}))).to.equal('compartment-in-use');
  });

  it('to some compartments keeps a person from another that was theirs before', () => {
    const [cabinet, hall] = scene('2.2');
    cabinet.uses('anna');
    expect(hall.identify(anna({ compartmentGroups: ['late'] }))).to.equal('no-right-to-compartment');
    expect(cabinet.log.at(-1)?.event.data).to.include({ compartment: 1 });
    expect(cabinet.compartment(1).holders, 'it stays hers').to.deep.equal(['anna']);
  });

  it('that ends between the question and the pick ends the session, on record, and opens nothing', () => {
    const [cabinet, hall] = scene('6.2');
    const until = cabinet.now + 10_000;
    const mia = { ...master('anna'), rights: anna({ validUntil: until }).rights };
    expect(hall.identify(mia)).to.equal('choose-compartment');
    cabinet.now = until;
    expect(hall.pick(2)).to.equal('no-longer-valid');
    expect(cabinet.log.at(-1)?.event.data).to.include({ reason: 'no-longer-valid' });
    expect(hall.session).to.equal(undefined);
    expect(cabinet.state.compartments.every(({ opening }) => opening === undefined)).to.equal(true);
  });

  it('that ends with something inside lets its master finish: nothing is lost', () => {
    const [cabinet, hall] = scene('6.1');
    const mia = { ...master('anna'), rights: anna({ validUntil: cabinet.now + 10_000 }).rights };
    hall.identify(mia);
    cabinet.opens(1);
    cabinet.now += HOUR;
    cabinet.closes(1);
    expect(hall.recipient('rita')).to.equal('set-pin');
    expect(hall.code('pin-1')).to.equal('deposit-stored');
  });

  it('that ended leaves what lies inside to an administrator', () => {
    const [cabinet, hall] = scene('2.2');
    cabinet.uses('anna');
    expect(hall.identify(anna({ validUntil: cabinet.now }))).to.equal('no-longer-valid');
    expect(cabinet.compartment(1).holders).to.deep.equal(['anna']);
    expect(codeOf(cabinet.administer({ input: 'release', compartment: 1 }))).to.equal('done');
  });

  it('of another reader opens nothing at this one', () => {
    const [, hall] = scene('2.2');
    expect(hall.identify(anna({ readers: ['r2'] }))).to.equal('wrong-reader');
    expect(hall.identify(anna({ readers: ['r1'] }))).to.equal(1);
  });
});

describe('duress', () => {
  const threatened = { ...person('anna'), duress: true };

  it('opens as ever, and is on record at every turn', () => {
    const [cabinet, hall] = scene('2.2');
    expect(hall.identify(threatened)).to.equal(1);
    expect(cabinet.log.at(-1)?.event.data).to.include({ duress: true });
    expect(hall.identify(threatened)).to.equal('compartment-in-use');
    expect(cabinet.log.at(-1)?.event.data).to.include({ duress: true, reason: 'compartment-in-use' });
    const [flow] = scene('2.2');
    flow.put({ input: 'access', person: threatened, grant: 'g' });
    expect(flow.log.at(-1)?.event.data).to.include({ duress: true });
  });

  it('is on record where something is asked first, and where it is that of the second person', () => {
    const [cabinet, hall] = scene('2.2', { twoPersons: { userGroups: [] } });
    hall.identify(threatened);
    expect(cabinet.log.at(-1)?.event).to.deep.include({ type: 'session-started' });
    expect(cabinet.log.at(-1)?.event.data).to.include({ duress: true });
    hall.cancel();
    hall.identify('bert');
    hall.identify(threatened);
    expect(cabinet.log.at(-1)?.event.data).to.include({ duress: true, user: 'bert' });
  });

  it('leaves no mark on anybody else', () => {
    const [cabinet, hall] = scene('2.2');
    hall.identify('bert');
    expect(cabinet.log.at(-1)?.event.data).to.not.have.property('duress');
  });
});
