import { expect } from 'chai';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import { alarmCommandFor, alarmLines, alarmRows } from '../../scripts/alarm-commands.ts';
import { memoryAlarms } from '../support/memory-alarms.ts';

const alarm = 'door-forced@A/1';
const FORCED: AlarmSign = {
  sign: 'raised',
  kind: 'door-forced',
  source: { source: 'compartment', cabinet: 'A', compartment: 1 },
};

describe('commands about alarms as they are typed', () => {
  for (const { name, values = { alarm }, command } of [
    { name: 'alarms', values: {}, command: { do: 'list-alarms', all: false } },
    { name: 'alarms', values: { all: true }, command: { do: 'list-alarms', all: true } },
    { name: 'acknowledge', command: { do: 'acknowledge', alarm } },
    {
      name: 'acknowledge',
      values: { alarm, occurrence: '3', comment: 'Seen.' },
      command: { do: 'acknowledge', alarm, number: 3, comment: 'Seen.' },
    },
    { name: 'confirm', command: { do: 'confirm', alarm } },
    {
      name: 'comment',
      values: { alarm, comment: 'Seen.' },
      command: { do: 'comment', alarm, comment: 'Seen.' },
    },
    { name: 'shelve', values: { alarm, minutes: '1.5' }, command: { do: 'shelve', alarm, lasts: 90_000 } },
    { name: 'unshelve', command: { do: 'unshelve', alarm } },
    {
      name: 'silence',
      values: { alarm, comment: 'Loud.' },
      command: { do: 'silence', alarm, comment: 'Loud.' },
    },
  ]) {
    it(`${name} ${JSON.stringify(values)}`, () => {
      const wanted = name === 'alarms' ? command : { do: 'command-alarm', command };
      expect(alarmCommandFor(name, values)).to.deep.equal(wanted);
    });
  }

  for (const { name, values, message } of [
    { name: 'acknowledge', values: {}, message: /--alarm ID/ },
    { name: 'comment', values: { alarm }, message: /--comment/ },
    { name: 'shelve', values: { alarm }, message: /--minutes takes a number above 0/ },
    { name: 'shelve', values: { alarm, minutes: '-5' }, message: /not "-5"/ },
    { name: 'confirm', values: { alarm, occurrence: 'x' }, message: /--occurrence takes a number above 0/ },
  ]) {
    it(`${name} ${JSON.stringify(values)} says what is missing`, () => {
      expect(() => alarmCommandFor(name, values)).to.throw(message);
    });
  }

  it('leaves other commands to others', () => {
    expect(alarmCommandFor('suppress', { alarm })).to.equal(undefined);
  });
});

describe('answers about alarms', () => {
  it('show what an alarm is in, and who said what', async () => {
    const alarms = memoryAlarms();
    const by = { kind: 'machine', id: 'command-line' } as const;
    const happens = (sign: AlarmSign['sign']): Promise<number> =>
      alarms.record([{ signs: () => [{ ...FORCED, sign }] }]);
    await happens('raised');
    await happens('over');
    await happens('raised');
    await alarms.command({ do: 'acknowledge', alarm, comment: 'On my way.' }, by);
    await alarms.command({ do: 'shelve', alarm, lasts: 60_000 }, by);
    const [view] = alarms.list();
    expect(alarmRows(alarms.list())).to.deep.equal([
      {
        alarm,
        severity: 850,
        since: '2026-01-01T00:00:00.000Z',
        state: 'active, acknowledged, shelved',
        earlier: '1',
        what: 'Compartment 1 of cabinet A: the door was opened without a right to.',
      },
    ]);
    expect(view && alarmLines(view)).to.deep.equal([
      'door-forced@A/1: Compartment 1 of cabinet A: the door was opened without a right to.',
      'occurrence 2, since 2026-01-01T00:00:00.000Z: active, acknowledged, shelved',
      'occurrence 1, since 2026-01-01T00:00:00.000Z: not seen to',
      'shelved until 2026-01-01T00:01:00.000Z',
      'comment of machine command-line: On my way.',
    ]);
  });
});
