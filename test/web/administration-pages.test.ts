import { expect } from 'chai';
import fc from 'fast-check';
import type { AlarmView } from '../../gateway/api.ts';
import { type AlarmQuery, pageOf, readAlarmQuery } from '../../web/administration/alarm-query.ts';
import { memoryAlarms } from '../support/memory-alarms.ts';

const KINDS = ['door-forced', 'overdue', 'duress', 'lock-fault'] as const;

describe('Pages of alarms', () => {
  /** Alarms of a few severities, all since the same moment. */
  async function book(size: number): Promise<readonly AlarmView[]> {
    const alarms = memoryAlarms();
    await alarms.record(
      Array.from({ length: size }, (_, index) => ({
        signs: () => [
          {
            sign: 'raised',
            kind: KINDS[index % KINDS.length] ?? 'overdue',
            source: { source: 'compartment', cabinet: index % 3 === 0 ? 'A' : 'B', compartment: index + 1 },
          } as const,
        ],
      })),
    );
    alarms.stop();
    return alarms.list();
  }

  it('hold each alarm once, in the order of the whole list, however large they are', async () => {
    const alarms = await book(200);
    const whole = pageOf(alarms, { limit: 500 });
    expect(whole.alarms).to.have.length(200);
    expect(whole).to.not.have.property('next');
    const severities = whole.alarms.map(({ severity }) => severity);
    expect(severities).to.deep.equal([...severities].sort((a, b) => b - a));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), (limit) => {
        const seen: AlarmView[] = [];
        let query: AlarmQuery = { limit };
        for (;;) {
          const page = pageOf(alarms, query);
          expect(page.alarms.length).to.be.at.most(limit);
          expect(page.total).to.equal(200);
          seen.push(...page.alarms);
          if (page.next === undefined) break;
          query = { limit, after: page.next };
        }
        expect(seen).to.deep.equal(whole.alarms);
      }),
      { numRuns: 20 },
    );
  });

  it('go on behind an alarm that is not there any more', async () => {
    const alarms = await book(20);
    const first = pageOf(alarms, { limit: 5 });
    const left = alarms.filter((alarm) => alarm !== first.alarms.at(-1));
    const second = pageOf(left, { limit: 5, after: first.next ?? '' });
    expect(second.alarms).to.deep.equal(pageOf(alarms, { limit: 10 }).alarms.slice(5));
  });

  it('hold a hundred where nothing is said', async () => {
    const { alarms, total } = pageOf(await book(120), {});
    expect([alarms.length, total]).to.deep.equal([100, 120]);
  });

  it('are asked for by queries that say what they mean, and by nothing else', () => {
    expect(readAlarmQuery({ severity: '800', limit: '7' })).to.deep.equal({ severity: 800, limit: 7 });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()), fc.object())),
        (given) => {
          const query = readAlarmQuery(given);
          if (typeof query === 'string') expect(query).to.match(/^query/);
          else pageOf([], query);
        },
      ),
      { numRuns: 200 },
    );
  });
});
