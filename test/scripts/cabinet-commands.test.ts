import { expect } from 'chai';
import { refusal } from '../../domain/refusals.ts';
import { allOpenedLines, cabinetCommandFor, modeChangeLines } from '../../scripts/cabinet-commands.ts';

const TYPED = { cabinet: 'A', compartment: '7', reason: 'trial' } as const;
const PLACE = { cabinet: 'A', compartment: 7, reason: 'trial' } as const;

describe('commands about cabinets as they are typed', () => {
  for (const { name, values, command } of [
    { name: 'service-open', values: TYPED, command: { do: 'service-open', ...PLACE } },
    { name: 'empty', values: TYPED, command: { do: 'empty', ...PLACE } },
    { name: 'stock', values: TYPED, command: { do: 'stock', ...PLACE } },
    {
      name: 'stock',
      values: { ...TYPED, item: 'item-1' },
      command: { do: 'stock', ...PLACE, item: 'item-1' },
    },
    { name: 'assign', values: { ...TYPED, user: 'u' }, command: { do: 'assign', ...PLACE, user: 'u' } },
    { name: 'open-all', values: TYPED, command: { do: 'open-all', cabinet: 'A', reason: 'trial' } },
    {
      name: 'change-mode',
      values: { cabinet: 'A', schema: '4.2', 'dry-run': true },
      command: {
        do: 'change-mode',
        cabinet: 'A',
        schema: '4.2',
        dryRun: true,
        force: false,
        reason: 'dry run',
      },
    },
    {
      name: 'change-mode',
      values: { cabinet: 'A', schema: '4.2', force: true, reason: 'summer' },
      command: {
        do: 'change-mode',
        cabinet: 'A',
        schema: '4.2',
        dryRun: false,
        force: true,
        reason: 'summer',
      },
    },
    { name: 'dance', values: TYPED, command: undefined },
  ]) {
    it(`makes a command of ${name} ${JSON.stringify(values)}`, async () => {
      expect(await cabinetCommandFor(name, values)).to.deep.equal(command);
    });
  }

  it('leaves the reason of a change out where none was given, for the gateway to ask for it', async () => {
    const command = await cabinetCommandFor('change-mode', { cabinet: 'A', schema: '4.2' });
    expect(JSON.parse(JSON.stringify(command))).to.not.have.property('reason');
  });
});

describe('answers about cabinets', () => {
  it('list what a change of mode would lose, and what one lost', () => {
    const change = { ok: true, cabinet: 'A', from: '2.2', to: '4.2' } as const;
    const lost = [
      { lost: 'right', compartment: 7, user: 'user-1' },
      { lost: 'deposit', compartment: 8, deposit: 'deposit-1' },
    ] as const;
    expect(modeChangeLines({ ...change, lost, done: false })).to.deep.equal([
      'Cabinet A would work under schema 4.2 instead of 2.2.',
      '2 would be lost:',
      '  right  compartment=7  user=user-1',
      '  deposit  compartment=8  deposit=deposit-1',
    ]);
    expect(modeChangeLines({ ...change, lost: [], done: true })).to.deep.equal([
      'Cabinet A works under schema 4.2 instead of 2.2.',
      'Nothing was lost.',
    ]);
  });

  it('name the compartments that did not open', () => {
    const failed = [{ compartment: 3, refusal: refusal('lock-failed', { compartment: 3 }) }];
    expect(allOpenedLines({ ok: true, cabinet: 'B', opened: [1, 2], failed })).to.deep.equal([
      'Cabinet B: 2 opened, 1 not.',
      '  compartment 3: lock-failed',
    ]);
  });
});
