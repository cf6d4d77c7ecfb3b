import { expect } from 'chai';
import { healthOf, type PartsHealth } from '../../gateway/health.ts';

const WELL: PartsHealth = {
  stopping: false,
  log: { store: 'ok', error: undefined, waiting: 0, journal: 'ok', conflicts: [] },
  opcua: { condition: 'ok', detail: 'opc.tcp://127.0.0.1:4840' },
  buses: [{ id: 'locks', state: 'connected', since: 0 }],
  silentItemReaders: [],
  cabinets: [
    { id: 'A', fenced: false, lostBoards: [] },
    { id: 'B', fenced: false, lostBoards: [] },
  ],
  cassettes: [],
};

/** What is wrong, and the condition of the whole that follows from it. */
const TABLE: readonly (readonly [what: string, change: Partial<PartsHealth>, condition: string])[] = [
  ['nothing', {}, 'ok'],
  ['it stops', { stopping: true }, 'down'],
  ['the store is away', { log: { ...WELL.log, store: 'down', error: 'refused', waiting: 2 } }, 'degraded'],
  ['the journal fails while the store answers', { log: { ...WELL.log, journal: 'failing' } }, 'degraded'],
  ['neither store nor journal', { log: { ...WELL.log, store: 'down', journal: 'failing' } }, 'down'],
  ['events were set aside', { log: { ...WELL.log, conflicts: ['cabinet/A'] } }, 'degraded'],
  ['OPC UA is down', { opcua: { condition: 'down', detail: 'port taken' } }, 'degraded'],
  ['an item reader is silent', { silentItemReaders: ['antennas'] }, 'degraded'],
  ['a bus is lost', { buses: [{ id: 'locks', state: 'lost', since: 0 }] }, 'degraded'],
  [
    'a board is silent on a bus that is there',
    { cabinets: [{ id: 'A', fenced: false, lostBoards: ['board-1'] }] },
    'degraded',
  ],
  [
    'one of two cabinets is another gateway’s',
    {
      cabinets: [
        { id: 'A', fenced: true, lostBoards: [] },
        { id: 'B', fenced: false, lostBoards: [] },
      ],
    },
    'degraded',
  ],
  ['every cabinet is another gateway’s', { cabinets: [{ id: 'A', fenced: true, lostBoards: [] }] }, 'down'],
];

describe('the health of a gateway', () => {
  for (const [what, change, condition] of TABLE) {
    it(`is ${condition} where ${what}`, () => {
      expect(healthOf({ ...WELL, ...change }).condition).to.equal(condition);
    });
  }

  it('names the boards that do not answer', () => {
    const [cabinet] = healthOf({
      ...WELL,
      cabinets: [{ id: 'A', fenced: false, lostBoards: ['b1', 'b2'] }],
    }).cabinets;
    expect(cabinet).to.deep.equal({
      id: 'A',
      condition: 'degraded',
      detail: 'lock boards do not answer: b1, b2',
    });
  });
});
