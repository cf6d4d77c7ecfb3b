import { expect } from 'chai';
import type { PanelAnswer, Requester } from '../../../gateway/api.ts';
import { card, GatewayAtWork, type SiteChange } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PANELS = [{ id: 'panel', name: 'Panel', cabinet: 'A' }];
const MACHINE: Requester = { kind: 'machine', id: 'test' };
/** The clock begins on a Thursday at 01:00 in Warsaw; these hours end there 15 hours later. */
const THURSDAY_AND_FRIDAY = [{ days: [4, 5], from: '08:00', to: '16:00' }] as const;
const TEN_SECONDS_BEFORE_FOUR = 15 * HOUR - 10_000;
const TOOLS = { id: 'tools', compartments: '1-4', userGroups: ['staff'] };

describe('A right that ends while its person is at it', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let anna: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  /** Ten seconds before Anna's hours are over. */
  const start = async (schema: string, change: SiteChange = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      ...change,
      cabinet: { schema, groups: [TOOLS], ...change.cabinet },
      panels: PANELS,
    });
    anna = await work.person('Anna', card(1));
    await work.people.administration.addRight(
      { cabinet: 'A', user: anna, weekly: THURSDAY_AND_FRIDAY },
      ADMINISTRATOR,
    );
    for (const compartment of [1, 2]) await administer({ do: 'stock', compartment });
    stored.clock.set(TEN_SECONDS_BEFORE_FOUR);
  };

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const administer = (request: object): Promise<object> =>
    stored.until(work.gateway.operate({ cabinet: 'A', reason: 'stock', ...request } as never, MACHINE));
  const at = async (answer: PanelAnswer): Promise<string> => {
    const answered = await work.answer('panel', answer);
    return 'ok' in answered ? answered.refusal.code : answered.prompt.code;
  };
  const hold = (number: number): Promise<string> => at({ answer: 'scan', scan: card(number) });

  it('opens nothing of what is chosen after its end, and the refusal ends the session', async () => {
    await start('3.2');
    expect(await hold(1)).to.equal('choose-compartment');
    await stored.clock.advance(11_000);
    expect(await at({ answer: 'compartment', compartment: 2 })).to.equal('outside-hours');
    expect(work.prompt('panel')).to.equal('identify');
    expect(work.board.pulses).to.deep.equal([]);
    expect(await work.last()).to.deep.include({ reason: 'outside-hours', user: anna, panel: 'panel' });
    expect([...work.cabinet.sessions]).to.deep.equal([]);
  });

  it('still opens what is chosen in its last second', async () => {
    await start('3.2');
    await hold(1);
    await stored.clock.advance(9_000);
    expect(await at({ answer: 'compartment', compartment: 2 })).to.equal('identify');
    await stored.pass(2_000);
    expect(work.compartment(2).door).to.equal('open');
  });

  it('lets a door that is open be closed: what was taken is on record, and comes back when the hours begin', async () => {
    await start('3.1');
    await hold(1);
    await stored.pass(500);
    await stored.clock.advance(15_000);
    await work.closeDoor(1);
    expect(await work.last()).to.deep.include({ outcome: 'taken', user: anna });
    expect(await hold(1), 'the return has to wait').to.equal('outside-hours');
    stored.clock.set(16 * HOUR);
    expect(await hold(1)).to.equal('identify');
    await stored.pass(500);
    await work.closeDoor(1);
    expect(await work.last()).to.deep.include({ outcome: 'returned', user: anna });
    expect(work.board.pulses).to.have.length(2);
  });

  it('ends as well for whoever waits for a second person', async () => {
    await start('3.1', { cabinet: { twoPersons: {} } });
    const bert = await work.person('Bert', card(2));
    await work.people.administration.addRight({ cabinet: 'A', user: bert }, ADMINISTRATOR);
    expect(await hold(1)).to.equal('second-person');
    await stored.clock.advance(11_000);
    expect(await hold(2)).to.equal('outside-hours');
    expect(work.prompt('panel')).to.equal('identify');
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('is no right any more when it was withdrawn in between', async () => {
    await start('3.2');
    await hold(1);
    const [right] = await work.people.administration.rights({ user: anna });
    await work.people.administration.removeRight(right?.id ?? '', ADMINISTRATOR);
    await work.people.administration.addRight(
      { cabinet: 'A', user: anna, validUntil: stored.clock.now() + 1_000 },
      ADMINISTRATOR,
    );
    await stored.clock.advance(1_000);
    expect(await at({ answer: 'compartment', compartment: 2 })).to.equal('no-longer-valid');
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('holds for as long as another one overlaps it, and withdrawing one leaves the other', async () => {
    await start('3.2');
    const { right, overlaps } = await work.people.administration.addRight(
      { cabinet: 'A', userGroup: 'staff', weekly: [{ days: [4], from: '12:00', to: '20:00' }] },
      ADMINISTRATOR,
    );
    expect(overlaps, 'what members of the group have besides is not named').to.deep.equal([]);
    await hold(1);
    await stored.clock.advance(11_000);
    expect(await at({ answer: 'compartment', compartment: 2 })).to.equal('identify');
    await stored.pass(500);
    expect(work.compartment(2).door).to.equal('open');
    await work.closeDoor(2);
    await work.people.administration.removeRight(right, ADMINISTRATOR);
    expect(await hold(1)).to.equal('outside-hours');
    stored.clock.set(16 * HOUR);
    expect(await hold(1)).to.equal('identify');
    await stored.pass(500);
    expect(work.board.pulses).to.have.length(2);
  });
});
