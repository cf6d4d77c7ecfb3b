import { expect } from 'chai';
import { configurationObstacle } from '../../domain/cabinet/configuration-change.ts';
import { statusOf } from '../../domain/cabinet/state.ts';
import { ADMINISTRATOR, answerOf, CabinetUnderTest, codeOf, person, setting } from './support/cabinet.ts';
import { leave, PanelUnderTest } from './support/panel.ts';

const asked = { actor: ADMINISTRATOR, reason: 'the key was lost', compartment: 2 } as const;

describe('an opening', () => {
  it('is granted by one event that names who, where, how and under which schema', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    expect(cabinet.log.at(-1)?.event).to.deep.equal({
      type: 'compartment-granted',
      actor: { kind: 'user', id: 'anna' },
      data: {
        compartment: 1,
        allocation: 'new',
        purpose: 'own',
        schema: '2.2',
        grant: 'grant-1',
        user: 'anna',
        credential: 'card-of-anna',
        reader: 'r1',
      },
    });
  });

  it('is followed by a grant that is held for as long as the door rules say', () => {
    const { effects } = CabinetUnderTest.ready().put({ input: 'access', person: person('anna'), grant: 'g' });
    expect(effects).to.deep.equal([{ effect: 'hold-grant', grant: 'g', compartment: 1, validFor: 10_000 }]);
  });

  it('is not granted twice at once', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    expect(cabinet.ask('anna')).to.equal('compartment-in-use');
  });

  it('is granted again while the door stands open: the sensor may be broken, the pulse is always sent', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    cabinet.opens(1);
    const since = cabinet.now;
    expect(cabinet.ask('anna')).to.equal(1);
    cabinet.opens(1);
    expect(cabinet.compartment(1).doorSince, 'it has been open all the time').to.equal(since);
  });

  it('whose grant expires unused gives a new compartment back', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    cabinet.put({ input: 'grant-expired', compartment: 1, grant: cabinet.grantOf(1) });
    expect(cabinet.compartment(1)).to.deep.include({ holders: [], opening: undefined });
    expect(cabinet.log.at(-1)?.event).to.deep.include({ type: 'grant-lapsed' });
  });

  it('whose grant expires unused leaves a compartment held before to its user', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.uses('anna');
    cabinet.ask('anna');
    cabinet.put({ input: 'grant-expired', compartment: 1, grant: cabinet.grantOf(1) });
    expect(cabinet.compartment(1)).to.deep.include({ holders: ['anna'], opening: undefined });
  });

  it('cut short by a restart leaves the compartment to its user: the pulse may have gone out', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    cabinet.put({ input: 'grant-orphaned', compartment: 1, grant: cabinet.grantOf(1) });
    expect(cabinet.compartment(1)).to.deep.include({ holders: ['anna'], opening: undefined });
  });

  it('is not ended by the expiry or failure of another grant', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    for (const stale of [
      { input: 'grant-expired', compartment: 1, grant: 'another' },
      { input: 'grant-orphaned', compartment: 1, grant: 'another' },
      { input: 'lock-failed', compartment: 1, grant: 'another', cause: 'no-answer', attempts: 3 },
    ] as const) {
      expect(cabinet.put(stale)).to.deep.equal({ effects: [] });
    }
    expect(cabinet.grantOf(1)).to.equal('grant-1');
  });
});

describe('a lock that fails', () => {
  const failed = (cabinet: CabinetUnderTest, compartment: number, cause: 'no-answer' | 'door-did-not-open') =>
    cabinet.put({
      input: 'lock-failed',
      compartment,
      grant: cabinet.grantOf(compartment),
      cause,
      attempts: 3,
    });

  it('under a new allocation goes out of order, and the next free one is asked for', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    const { effects } = failed(cabinet, 1, 'door-did-not-open');
    expect(effects).to.deep.equal([
      { effect: 'ask-again', replacing: { compartment: 1, user: 'anna', replaced: 1 } },
    ]);
    expect(cabinet.compartment(1)).to.deep.include({ holders: [], outOfOrder: 'door-did-not-open' });
    const again = cabinet.put({
      input: 'access-again',
      person: person('anna'),
      grant: 'g2',
      replacing: { compartment: 1, user: 'anna', replaced: 1 },
    });
    expect(answerOf(again)).to.equal(2);
    expect(cabinet.compartment(2).opening).to.deep.include({ insteadOf: 1 });
  });

  it('under an allocation held before goes out of order, and the user keeps what they left inside', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.uses('anna');
    cabinet.ask('anna');
    expect(failed(cabinet, 1, 'door-did-not-open').effects).to.deep.equal([]);
    expect(cabinet.compartment(1)).to.deep.include({ holders: ['anna'], outOfOrder: 'door-did-not-open' });
    expect(cabinet.ask('anna')).to.equal('compartment-out-of-order');
  });

  it('that did not answer makes its board suspect: nothing new on it, the next free is on another', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    failed(cabinet, 1, 'no-answer');
    expect(cabinet.ask('anna')).to.equal(3);
  });

  it('that did not answer is back in service when its board is heard again', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    failed(cabinet, 1, 'no-answer');
    expect(codeOf(cabinet.put({ input: 'board', board: 'left', answers: true }))).to.equal('done');
    expect(cabinet.compartment(1).outOfOrder).to.equal(undefined);
    expect(cabinet.ask('bert')).to.equal(1);
  });

  it('whose door did not open stays out of order until a person returns it to service', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    failed(cabinet, 1, 'door-did-not-open');
    cabinet.put({ input: 'board', board: 'left', answers: false });
    cabinet.put({ input: 'board', board: 'left', answers: true });
    expect(cabinet.compartment(1).outOfOrder).to.equal('door-did-not-open');
    expect(codeOf(cabinet.put({ ...asked, input: 'return-to-service', compartment: 1 }))).to.equal('done');
    expect(cabinet.ask('bert')).to.equal(1);
  });

  it('is replaced twice at most: three in a row are the fault of something else', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    const again = (insteadOf: number, replaced: number) =>
      answerOf(
        cabinet.put({
          input: 'access-again',
          person: person('anna'),
          grant: `again-${replaced}`,
          replacing: { compartment: insteadOf, user: 'anna', replaced },
        }),
      );
    expect(failed(cabinet, 1, 'door-did-not-open').effects).to.have.length(1);
    expect(again(1, 1)).to.equal(2);
    expect(failed(cabinet, 2, 'door-did-not-open').effects).to.deep.equal([
      { effect: 'ask-again', replacing: { compartment: 2, user: 'anna', replaced: 2 } },
    ]);
    expect(again(2, 2)).to.equal(3);
    expect(failed(cabinet, 3, 'door-did-not-open').effects).to.deep.equal([]);
    expect(cabinet.compartment(3).holders).to.deep.equal([]);
  });

  it('with nothing else free ends with words for the person, on record', () => {
    const cabinet = CabinetUnderTest.ready();
    for (const user of ['anna', 'bert', 'carl']) cabinet.uses(user);
    cabinet.ask('dora');
    failed(cabinet, 4, 'door-did-not-open');
    const again = cabinet.put({
      input: 'access-again',
      person: person('dora'),
      grant: 'g2',
      replacing: { compartment: 4, user: 'dora', replaced: 1 },
    });
    expect(again.refusal).to.deep.equal({ code: 'lock-failed', values: { compartment: 4 } });
    expect(again.event).to.deep.include({ type: 'access-refused' });
  });
});

describe('doors', () => {
  it('that open without a grant are forced, and say so when it happened while the gateway was away', () => {
    for (const afterAbsence of [false, true]) {
      const cabinet = CabinetUnderTest.ready();
      const { event } = cabinet.put({
        input: 'door',
        compartment: 1,
        open: true,
        expected: false,
        afterAbsence,
      });
      expect(event).to.deep.include({
        type: 'door-forced',
        data: { compartment: 1, whileAway: afterAbsence },
      });
      expect(cabinet.compartment(1).door).to.equal('forced');
    }
  });

  it('that open before any pulse was sent are forced, grant or not', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    cabinet.put({ input: 'door', compartment: 1, open: true, expected: false, afterAbsence: false });
    expect(cabinet.compartment(1).door).to.equal('forced');
  });

  it('are not opened by a pulse of which there is no grant', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.put({ input: 'door', compartment: 1, open: true, expected: true, afterAbsence: false });
    expect(cabinet.compartment(1).door).to.equal('forced');
  });

  it('that were opened are watched, and left open they raise an alarm once', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.ask('anna');
    expect(cabinet.opens(1).effects).to.deep.equal([
      { effect: 'watch-open-door', compartment: 1, for: 60_000 },
    ]);
    expect(codeOf(cabinet.put({ input: 'open-too-long', compartment: 1 }))).to.equal('done');
    expect(codeOf(cabinet.put({ input: 'open-too-long', compartment: 1 }))).to.equal('nothing');
    expect(cabinet.compartment(1).door).to.equal('left-open');
    expect(cabinet.closes(1).effects).to.deep.equal([{ effect: 'door-closed', compartment: 1 }]);
    expect(codeOf(cabinet.put({ input: 'open-too-long', compartment: 1 }))).to.equal('nothing');
  });

  it('that are found open are watched from then on', () => {
    const cabinet = new CabinetUnderTest();
    const found = { input: 'doors-found', board: 'left', open: [1], closed: [2] } as const;
    expect(cabinet.put(found).effects).to.deep.equal([
      { effect: 'watch-open-door', compartment: 1, for: 60_000 },
    ]);
  });

  it('that are known already are not found: only a report of each may end what they were opened for', () => {
    const cabinet = CabinetUnderTest.ready(setting('4.3'));
    new PanelUnderTest(cabinet).deposit();
    cabinet.opens(1);
    const found = { input: 'doors-found', board: 'left', open: [], closed: [1, 2] } as const;
    expect(cabinet.put(found)).to.deep.equal({ effects: [] });
    expect(cabinet.compartment(1).door).to.equal('open');

    const { compartments } = cabinet.state.setting;
    const more = [...compartments, { number: 5, board: 'left' }];
    cabinet.put({ input: 'configure', setting: setting('4.3', { compartments: more }) });
    const { event } = cabinet.put({ ...found, open: [2], closed: [1, 5] });
    expect(event?.data).to.deep.equal({ board: 'left', open: [], closed: [5] });
  });

  it('that nobody has, nobody hears of', () => {
    const cabinet = CabinetUnderTest.ready();
    for (const open of [true, false]) {
      const stray = { input: 'door', compartment: 99, open, expected: true, afterAbsence: false } as const;
      expect(cabinet.put(stray)).to.deep.equal({ effects: [] });
    }
    expect(codeOf(cabinet.put({ input: 'open-too-long', compartment: 99 }))).to.equal('nothing');
  });
});

describe('an administrator', () => {
  it('opens a compartment whatever its state, and the owner keeps it', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.uses('anna');
    cabinet.put({ ...asked, input: 'block', compartment: 1 });
    expect(codeOf(cabinet.put({ ...asked, input: 'open', grant: 'g', compartment: 1 }))).to.equal('done');
    cabinet.opens(1);
    expect(cabinet.compartment(1)).to.deep.include({ holders: ['anna'], door: 'open' });
    expect(cabinet.log.at(-2)?.event).to.deep.include({ actor: ADMINISTRATOR });
  });

  it('blocks and unblocks, each once, and nobody opens in between', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.uses('anna');
    expect(codeOf(cabinet.put({ ...asked, input: 'unblock', compartment: 1 }))).to.equal(
      'compartment-not-blocked',
    );
    cabinet.put({ ...asked, input: 'block', compartment: 1 });
    expect(codeOf(cabinet.put({ ...asked, input: 'block', compartment: 1 }))).to.equal('compartment-blocked');
    expect(cabinet.ask('anna')).to.equal('compartment-blocked');
    cabinet.put({ ...asked, input: 'unblock', compartment: 1 });
    expect(cabinet.ask('anna')).to.equal(1);
  });
});

describe('wrong PINs', () => {
  const wrong = { input: 'turned-away', reason: 'unknown-credential', kind: 'pin', reader: 'r1' } as const;

  it('are counted per reader, and a right one takes back one of them', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.put(wrong);
    cabinet.put(wrong);
    cabinet.put({ ...wrong, reader: 'r2' });
    expect(cabinet.state.wrongTries.get('r1')).to.deep.equal({ count: 2, last: cabinet.now - 1_000 });
    cabinet.ask('anna');
    expect(cabinet.state.wrongTries.get('r1')).to.include({ count: 1 });
    cabinet.opens(1);
    cabinet.ask('anna');
    expect([...cabinet.state.wrongTries.keys()]).to.deep.equal(['r2']);
  });

  it('count like wrong passwords, codes of phones and printed codes: all can be guessed', () => {
    const cabinet = CabinetUnderTest.ready();
    for (const kind of ['pin', 'password', 'phone', 'barcode', 'qr'] as const)
      cabinet.put({ ...wrong, kind });
    for (const kind of ['card', 'ibutton', 'biometric'] as const) cabinet.put({ ...wrong, kind });
    expect(cabinet.state.wrongTries.get('r1')).to.include({ count: 5 });
  });

  it('are not counted for cards, nor while the reader is locked', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.put({ ...wrong, kind: 'card' });
    cabinet.put({ ...wrong, reason: 'too-many-attempts' });
    expect(cabinet.state.wrongTries.size).to.equal(0);
    expect(cabinet.log.filter(({ event }) => event.type === 'access-refused')).to.have.length(2);
  });
});

describe('a compartment in one word', () => {
  it('shows the most urgent', () => {
    const cabinet = CabinetUnderTest.ready();
    const status = () => statusOf(cabinet.state, cabinet.compartment(1));
    expect(status()).to.equal('free');
    cabinet.ask('anna');
    expect(status()).to.equal('opening');
    cabinet.opens(1);
    expect(status()).to.equal('occupied');
    cabinet.put({ ...asked, input: 'block', compartment: 1 });
    expect(status()).to.equal('blocked');
    cabinet.put({ ...asked, input: 'open', grant: 'g', compartment: 1 });
    cabinet.put({
      input: 'lock-failed',
      compartment: 1,
      grant: 'g',
      cause: 'door-did-not-open',
      attempts: 3,
    });
    expect(status()).to.equal('out-of-order');
    cabinet.put({ input: 'board', board: 'left', answers: false });
    expect(status()).to.equal('not-answering');
  });
});

describe('another configuration', () => {
  it('is refused while a deposit or an item lies inside, or an item is lent', () => {
    const guests = CabinetUnderTest.ready(setting('4.3'));
    leave(guests, new PanelUnderTest(guests));
    expect(configurationObstacle(guests.state, setting('2.2'))).to.deep.include({ field: 'schema' });
    const fewer = guests.state.setting.compartments.slice(1);
    expect(configurationObstacle(guests.state, setting('4.3', { compartments: fewer }))).to.deep.include({
      field: 'compartments',
    });
    const lending = CabinetUnderTest.ready(setting('3.1'));
    lending.administer({ input: 'stock', compartment: 1, item: 'drill' });
    expect(configurationObstacle(lending.state, setting('2.2'))).to.deep.include({ field: 'schema' });
    lending.uses('anna');
    expect(configurationObstacle(lending.state, setting('2.2'))?.reason).to.match(/1 of its items are lent/);
    expect(configurationObstacle(lending.state, setting('3.1'))).to.equal(undefined);
  });

  it('keeps what is known of compartments that stay', () => {
    const cabinet = CabinetUnderTest.ready();
    cabinet.uses('anna');
    const more = [...cabinet.state.setting.compartments, { number: 5, board: 'right' }];
    cabinet.put({ input: 'configure', setting: setting('2.2', { compartments: more }) });
    expect(cabinet.compartment(1).holders).to.deep.equal(['anna']);
    expect(cabinet.compartment(5).door).to.equal('unknown');
  });

  it('is refused while it would lose what lies inside', () => {
    const cabinet = CabinetUnderTest.ready();
    expect(configurationObstacle(cabinet.state, setting('1.1'))).to.equal(undefined);
    cabinet.uses('anna');
    expect(configurationObstacle(cabinet.state, setting('1.1'))).to.deep.include({ field: 'schema' });
    const fewer = cabinet.state.setting.compartments.slice(1);
    expect(configurationObstacle(cabinet.state, setting('2.2', { compartments: fewer }))).to.deep.include({
      field: 'compartments',
    });
    const other = cabinet.state.setting.compartments.slice(0, 1);
    expect(configurationObstacle(cabinet.state, setting('2.2', { compartments: other }))).to.equal(undefined);
  });
});
