import { expect } from 'chai';
import { CabinetUnderTest, person, setting } from '../support/cabinet.ts';
import { master, PanelUnderTest } from '../support/panel.ts';

function ready(schema: string): [CabinetUnderTest, PanelUnderTest] {
  const cabinet = CabinetUnderTest.ready(setting(schema));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** A master leaves something in compartment 1 for rita, under the PIN of the id `pin-1`. */
function leftFor(schema: string): [CabinetUnderTest, PanelUnderTest] {
  const [cabinet, hall] = ready(schema);
  if (hall.identify(master('mia')) === 'choose-compartment') hall.pick(1);
  cabinet.opens(1);
  cabinet.closes(1);
  hall.recipient('rita');
  hall.code('pin-1');
  return [cabinet, hall];
}

for (const number of ['6.1', '6.2']) {
  describe(`schema ${number}: a master deposits for a defined user`, () => {
    it(`opens the ${number === '6.1' ? 'first free one' : 'one that the master picks'}, asks for recipient and PIN, and has it mailed`, () => {
      const [cabinet, hall] = ready(number);
      expect(hall.prompt).to.equal('identify-or-collect');
      if (number === '6.2') {
        expect(hall.identify(master('mia'))).to.equal('choose-compartment');
        expect(hall.offered).to.deep.equal([1, 2, 3, 4]);
        expect(hall.pick(1)).to.equal(1);
      } else {
        expect(hall.identify(master('mia'))).to.equal(1);
      }
      cabinet.opens(1);
      cabinet.closes(1);
      expect(hall.prompt).to.equal('choose-recipient');
      expect(hall.code('too-early')).to.equal('answer-unexpected');
      expect(hall.recipient('rita')).to.equal('set-pin');
      const session = hall.session?.id ?? '';
      const code = { id: 'pin-1', kind: 'pin', verifier: 'digest' } as const;
      const { event, effects } = cabinet.put({ input: 'set-code', session, code });
      expect(event).to.deep.include({ type: 'deposit-stored', actor: { kind: 'user', id: 'mia' } });
      const deposit = cabinet.compartment(1).deposit?.id;
      expect(effects).to.deep.equal([{ effect: 'mail-code', compartment: 1, deposit, recipient: 'rita' }]);
      expect(cabinet.compartment(1).deposit).to.include({ by: 'mia', recipient: 'rita', stage: 'stored' });
    });

    it('opens once with that PIN, for the recipient on record; the closing expires it and frees the compartment', () => {
      const [cabinet, hall] = leftFor(number);
      expect(hall.collect(1, 'pin-1')).to.equal(1);
      expect(cabinet.log.at(-1)?.event).to.deep.include({ actor: { kind: 'user', id: 'rita' } });
      cabinet.opens(1);
      expect(cabinet.closes(1).event?.data).to.include({ outcome: 'collected', user: 'rita' });
      expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
      expect(hall.collect(1, 'pin-1')).to.equal('wrong-code');
    });

    it('is for masters: others collect with their PIN', () => {
      const [, hall] = ready(number);
      expect(hall.identify('rita')).to.equal('collect-with-code');
      expect(hall.deposit(), 'a guest').to.equal('identification-needed');
    });

    it('asks for another recipient where the mail is refused at once, and the PIN before is worth nothing any more', () => {
      const [cabinet, hall] = leftFor(number);
      const deposit = cabinet.compartment(1).deposit?.id ?? '';
      const { event } = cabinet.put({
        input: 'mail-outcome',
        compartment: 1,
        deposit,
        outcome: 'refused',
        status: '550 5.1.1',
        session: 'again',
      });
      expect(event?.data).to.deep.include({ outcome: 'refused', status: '550 5.1.1', user: 'rita' });
      expect(hall.prompt).to.equal('choose-recipient');
      expect(hall.collect(1, 'pin-1')).to.equal('wrong-code');
      expect(hall.recipient('rolf')).to.equal('set-pin');
      expect(hall.code('pin-2')).to.equal('deposit-stored');
      expect(cabinet.compartment(1).deposit).to.include({ recipient: 'rolf' }).and.not.have.property('mail');
      expect(hall.collect(1, 'pin-2')).to.equal(1);
    });

    it('is blocked for somebody to look inside where the master chooses nobody', () => {
      const [cabinet, hall] = ready(number);
      if (hall.identify(master('mia')) === 'choose-compartment') hall.pick(1);
      cabinet.opens(1);
      cabinet.closes(1);
      expect(hall.timesOut()).to.equal('deposit-abandoned');
      expect(cabinet.log.at(-1)?.event.data).to.include({ cause: 'no-recipient', user: 'mia' });
      expect(cabinet.compartment(1).blocked).to.be.a('string');
    });
  });
}

describe('schema 6.3: a master deposits for somebody unknown', () => {
  it('takes a scanned code or a PIN first, then a pick; the code opens once, after the deposit was closed', () => {
    for (const kind of ['pin', 'barcode', 'qr'] as const) {
      const [cabinet, hall] = ready('6.3');
      expect(hall.identify(master('mia'))).to.equal('set-code');
      expect(hall.pick(2), 'a code comes first').to.equal('answer-unexpected');
      expect(hall.code('code-1', kind)).to.equal('choose-compartment');
      expect(hall.pick(2)).to.equal(2);
      expect(hall.collect(2, 'code-1'), 'before anything was left').to.equal('wrong-code');
      cabinet.opens(2);
      expect(hall.collect(2, 'code-1'), 'while it is being left').to.equal('wrong-code');
      expect(cabinet.closes(2).event?.data)
        .to.include({ outcome: 'deposited' })
        .and.not.have.property('next');
      expect(hall.session, 'nothing more is asked').to.equal(undefined);
      expect(hall.collect(2, 'code-1')).to.equal(2);
      expect(cabinet.log.at(-1)?.event.actor, 'somebody unknown').to.deep.equal({
        kind: 'guest',
        id: 'hall',
      });
      cabinet.opens(2);
      cabinet.closes(2);
      expect(hall.collect(2, 'code-1')).to.equal('wrong-code');
      expect(cabinet.compartment(2).occupiedSince).to.equal(undefined);
    }
  });

  it('keeps the code for another pick where the lock of the picked one fails', () => {
    const [cabinet, hall] = ready('6.3');
    hall.identify(master('mia'));
    hall.code('code-1', 'qr');
    hall.pick(2);
    cabinet.fails(2);
    expect(hall.prompt).to.equal('choose-compartment');
    expect(hall.offered).to.deep.equal([1, 3, 4]);
    expect(hall.pick(1)).to.equal(1);
    cabinet.opens(1);
    cabinet.closes(1);
    expect(hall.collect(1, 'code-1')).to.equal(1);
  });

  it('is for masters', () => {
    const [, hall] = ready('6.3');
    expect(hall.identify(person('anna', 'night'))).to.equal('collect-with-code');
  });
});
