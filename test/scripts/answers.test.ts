import { expect } from 'chai';
import { eventLines, eventQueryFor, listRows, occupancyRows, possessionRows } from '../../scripts/answers.ts';

const SINCE = Date.UTC(2026, 2, 1, 8, 30);
const HOUR = 3_600_000;

describe('answers at the command line', () => {
  it('ask for the events that the options name', () => {
    expect(eventQueryFor({})).to.deep.equal({});
    expect(
      eventQueryFor({
        cabinet: 'A',
        compartment: '7',
        user: 'ada',
        item: 'drill',
        type: ['door-forced', 'door-left-open'],
        from: '2026-03-01',
        until: '2026-03-01T08:30Z',
        'oldest-first': true,
        limit: '20',
        after: 'AAAA',
      }),
    ).to.deep.equal({
      cabinet: 'A',
      compartment: 7,
      user: 'ada',
      item: 'drill',
      types: ['door-forced', 'door-left-open'],
      from: Date.UTC(2026, 2, 1),
      until: SINCE,
      order: 'oldest-first',
      limit: 20,
      after: 'AAAA',
    });
  });

  it('are about one cassette where it is named', () => {
    expect(eventQueryFor({ cassette: ['C1'] })).to.deep.equal({ stream: 'cassette/C1' });
    expect(() => eventQueryFor({ cassette: ['C1', 'C2'] })).to.throw('Give one --cassette.');
  });

  it('say what is no time and no number', () => {
    expect(() => eventQueryFor({ from: 'yesterday' })).to.throw('--from takes a time such as 2026-03-01');
    expect(() => eventQueryFor({ until: '' })).to.throw('--until takes a time');
    expect(() => eventQueryFor({ limit: 'many' })).to.throw('--limit takes a whole number, not "many"');
    expect(() => eventQueryFor({ compartment: '-1' })).to.throw('--compartment takes a whole number');
  });

  it('show an event with its day, and how to go on', () => {
    const event = {
      stream: 'cabinet/A',
      seq: 12,
      at: '2026-03-01T08:30:05.123Z',
      type: 'item-removed',
      actor: { kind: 'gateway', id: 'gateway' },
      data: { compartment: 3, item: 'drill', user: 'ada' },
      prev: '',
      hash: '',
    } as const;
    const line = '2026-03-01 08:30:05.123  cabinet/A #12  item-removed  compartment=3  user=ada  item=drill';
    expect(eventLines([event])).to.deep.equal([line]);
    expect(eventLines([event], 'xyz')).to.deep.equal([line, '… and more: the same command with --after xyz']);
    expect(eventLines([])).to.deep.equal(['Nothing.']);
  });

  it('say which alarm, method or client an event is about', () => {
    const event = {
      stream: 'site/gateway-1',
      seq: 3,
      at: '2026-03-01T08:30:05.123Z',
      actor: { kind: 'gateway', id: 'gateway' },
      prev: '',
      hash: '',
    } as const;
    expect(
      eventLines([
        {
          ...event,
          type: 'opcua-method-called',
          data: {
            object: 'cabinet/A',
            method: 'Open',
            status: 'Good',
            result: 'ok',
            session: 's',
            user: 'ada',
          },
        },
        { ...event, type: 'opcua-client-trusted', data: { thumbprint: '3f0c9a' } },
        {
          ...event,
          stream: 'alarms/gateway-1',
          type: 'alarm-acknowledged',
          data: { alarm: 'door-forced@A/12', number: 7 },
        },
      ]),
    ).to.deep.equal([
      '2026-03-01 08:30:05.123  site/gateway-1 #3  opcua-method-called  object=cabinet/A  method=Open  status=Good  result=ok  user=ada',
      '2026-03-01 08:30:05.123  site/gateway-1 #3  opcua-client-trusted  thumbprint=3f0c9a',
      '2026-03-01 08:30:05.123  alarms/gateway-1 #3  alarm-acknowledged  alarm=door-forced@A/12',
    ]);
  });

  it('tell in words what happened to a cassette', () => {
    const stained = {
      stream: 'cassette/C1',
      seq: 7,
      at: '2026-03-01T08:00:00.000Z',
      type: 'stained',
      actor: { kind: 'gateway', id: 'gateway' },
      data: { from: 'full', to: 'stained', armedBy: {}, timers: {}, cause: 'gas' },
      prev: '0'.repeat(64),
      hash: '1'.repeat(64),
    } as const;
    expect(eventLines([stained])).to.deep.equal([
      '2026-03-01 08:00:00.000  cassette/C1 #7  stained  “Notes stained: full protection → stained. Cause: explosive gas.”',
    ]);
  });

  it('show compartments and what is held as rows', () => {
    const held = { since: SINCE, age: 76 * HOUR, overdue: true };
    expect(
      occupancyRows([
        {
          cabinet: 'A',
          compartment: 1,
          status: 'free',
          door: 'closed',
          taken: [],
          holders: [],
          items: [],
          overdue: false,
        },
        {
          cabinet: 'A',
          compartment: 2,
          status: 'occupied',
          door: 'open',
          taken: ['deposit', 'code'],
          holders: [],
          depositor: 'mia',
          recipient: 'ada',
          items: [],
          ...held,
        },
      ]),
    ).to.deep.equal([
      {
        cabinet: 'A',
        compartment: 1,
        status: 'free',
        door: 'closed',
        taken: '',
        holders: '',
        'left by': '',
        for: '',
        items: '',
        since: '',
        age: '',
        overdue: '',
      },
      {
        cabinet: 'A',
        compartment: 2,
        status: 'occupied',
        door: 'open',
        taken: 'deposit, code',
        holders: '',
        'left by': 'mia',
        for: 'ada',
        items: '',
        since: '2026-03-01 08:30',
        age: '3 d 4 h',
        overdue: 'overdue',
      },
    ]);
    const place = { cabinet: 'A', compartment: 3 };
    const rows = possessionRows([
      { kind: 'allocation', ...place, user: 'ada', overdue: false, since: SINCE, age: 2 * HOUR + 60_000 },
      { kind: 'deposit', ...place, deposit: 'd', stage: 'stored', overdue: false, since: SINCE, age: 59_999 },
      {
        kind: 'deposit',
        ...place,
        deposit: 'd',
        stage: 'stored',
        depositor: 'mia',
        recipient: 'ada',
        ...held,
      },
      { kind: 'loan', ...place, user: 'ada', item: 'drill', overdue: false },
      { kind: 'item', ...place, overdue: false },
    ]);
    expect(rows).to.deep.equal([
      row({ what: 'allocation', user: 'ada', since: '2026-03-01 08:30', age: '2 h 1 min' }),
      row({ what: 'deposit', 'left by': 'guest', since: '2026-03-01 08:30', age: '0 min' }),
      row({
        what: 'deposit',
        'left by': 'mia',
        for: 'ada',
        since: '2026-03-01 08:30',
        age: '3 d 4 h',
        overdue: 'overdue',
      }),
      row({ what: 'loan', user: 'ada', item: 'drill' }),
      row({ what: 'item' }),
    ]);
  });

  function row(shown: object): object {
    const blank = { user: '', item: '', 'left by': '', for: '', since: '', age: '', overdue: '' };
    return { ...blank, cabinet: 'A', compartment: 3, ...shown };
  }
});

describe('a list at the command line', () => {
  it('shows times, hours and lists of rights in words', () => {
    expect(
      listRows([
        {
          right: 'right-1',
          compartmentGroups: ['top', 'bottom'],
          validUntil: Date.UTC(2026, 11, 31),
          weekly: [
            { days: [1, 2], from: '08:00', to: '16:00' },
            { days: [7], from: '22:00', to: '06:00' },
          ],
        },
      ]),
    ).to.deep.equal([
      {
        right: 'right-1',
        compartmentGroups: 'top, bottom',
        validUntil: '2026-12-31T00:00:00.000Z',
        weekly: 'Mon Tue 08:00-16:00; Sun 22:00-06:00',
      },
    ]);
  });
});
