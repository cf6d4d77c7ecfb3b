import { expect } from 'chai';
import type { ConfigurationError } from '../../../config/configuration-error.ts';
import type { PanelAnswer, PanelView, Refused } from '../../../gateway/api.ts';
import { card, GatewayAtWork, type SiteChange } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';

const PANELS = [
  { id: 'left', name: 'Left panel', cabinet: 'A' },
  { id: 'right', name: 'Right panel', cabinet: 'A' },
];

function codeOf(answered: { readonly ok: true; readonly view: PanelView } | Refused): string {
  return answered.ok ? answered.view.prompt.code : answered.refusal.code;
}

describe('several clients of one panel, and references between panels', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const start = async (schema: string, cabinet: SiteChange['cabinet'] = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, { cabinet: { schema, ...cabinet }, panels: PANELS });
  };
  const pin = (value: string): PanelAnswer => ({ answer: 'scan', scan: { kind: 'pin', value } });
  /** Answers that are on their way at the same time. */
  const atOnce = async (panel: string, ...answers: readonly PanelAnswer[]): Promise<string[]> => {
    const answered = answers.map((answer) => work.gateway.answer(panel, answer));
    return (await stored.until(Promise.all(answered))).map(codeOf);
  };
  /** Something lies in compartment 1 and waits for its PIN. */
  const unfinished = async (): Promise<void> => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    await work.closeDoor(1);
    expect(work.prompt('left')).to.equal('set-pin');
  };

  it('the PIN that comes first counts; another one at the same time is none', async () => {
    await unfinished();
    await atOnce('left', pin('1111'), pin('2222'));
    expect(work.compartment(1).codes).to.have.length(1);
    await work.answer('right', { answer: 'collect', compartment: 1, pin: '1111' });
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
  });

  it('a PIN that comes after the deposit was taken back is none', async () => {
    await unfinished();
    await atOnce('left', { answer: 'cancel' }, pin('1111'));
    await stored.pass(500);
    await work.closeDoor(1);
    expect(work.compartment(1)).to.deep.include({ codes: [], deposit: undefined });
    expect((await work.types()).filter((type) => type === 'deposit-stored')).to.deep.equal([]);
  });

  it('of two who take one compartment back the second one is refused', async () => {
    await unfinished();
    const pulses = work.board.pulses.length;
    await atOnce('left', { answer: 'cancel' }, { answer: 'cancel' });
    await stored.pass(500);
    expect(work.board.pulses.length).to.equal(pulses + 1);
  });

  it('no more answers than twenty wait at a panel', async () => {
    await start('4.3');
    const codes = await atOnce('left', ...Array<PanelAnswer>(30).fill({ answer: 'cancel' }));
    expect(codes.filter((code) => code === 'gateway-busy')).to.have.length(10);
  });

  it('a reference is good once, and at its own panel only', async () => {
    await start('2.2');
    await work.person('Anna', card(1));
    const once = {
      answer: 'presentation',
      presentation: work.gateway.present('own-reader', card(1)),
    } as const;
    expect(await atOnce('left', once)).to.deep.equal(['wrong-reader']);
    expect(await atOnce('own-reader', once), 'whoever tried it elsewhere has used it up').to.deep.equal([
      'identification-expired',
    ]);
    const twice = {
      answer: 'presentation',
      presentation: work.gateway.present('own-reader', card(1)),
    } as const;
    const both = await atOnce('own-reader', twice, twice);
    expect(both[1]).to.equal('identification-expired');
    await stored.pass(500);
    expect(work.board.pulses).to.have.length(1);
  });

  describe('a site file that was changed meanwhile', () => {
    const changedTo = async (change: SiteChange): Promise<void> => {
      await work.stop();
      await stored.reopen();
      work = await GatewayAtWork.start(stored, change);
    };
    const compartments = (to: number): NonNullable<SiteChange['cabinet']> => ({
      compartments: [{ from: 1, to, board: 'board-1', firstLock: 4 }],
    });

    it('cannot leave out a compartment in which something lies', async () => {
      await start('4.2');
      await work.answer('left', { answer: 'deposit' });
      await work.answer('left', { answer: 'compartment', compartment: 4 });
      await stored.pass(500);
      await work.closeDoor(4);
      await work.answer('left', pin('1111'));
      const left = { cabinet: { schema: '4.2', ...compartments(3) }, panels: PANELS };
      const refused = await changedTo(left).then(
        () => undefined,
        (error: unknown) => error as ConfigurationError,
      );
      expect(refused?.message).to.match(/compartments: leaves out compartment 4, which is taken/);
      await work.people.stop();
      await stored.reopen();
      work = await GatewayAtWork.start(stored, { cabinet: { schema: '4.2' }, panels: PANELS });
      await work.answer('left', { answer: 'collect', compartment: 4, pin: '1111' });
      await stored.pass(500);
      expect(work.compartment(4).door).to.equal('open');
    });

    it('may leave out a panel at which somebody has not finished: their compartment is blocked then', async () => {
      await unfinished();
      await changedTo({ cabinet: { schema: '4.3' }, panels: PANELS.slice(1) });
      expect(work.gateway.panel('left')).to.equal(undefined);
      await work.reaches(() => work.status(1) === 'blocked', 65_000);
      expect(work.cabinet.sessions.size).to.equal(0);
      await work.answer('right', { answer: 'deposit' });
      await stored.pass(500);
      expect(work.compartment(2).door).to.equal('open');
    });
  });
});
