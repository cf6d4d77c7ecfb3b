import { expect } from 'chai';
import fc from 'fast-check';
import type { ItemId } from '../../domain/site.ts';
import { DriverError } from '../../drivers/errors.ts';
import { ItemReaderLink, type Place } from '../../gateway/item-reader-link.ts';
import { ItemWatch } from '../../gateway/item-watch.ts';
import type { ItemReader, ItemReaderListener } from '../../gateway/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Antenna 0 looks into compartment 1, and so on. */
const ANTENNAS = 3;

/** An item reader whose reports are made by hand. */
class HandReader implements ItemReader {
  readonly id = 'items';
  /** What is really there, by antenna: the answer to a request. */
  readonly inside = new Map<number, readonly string[]>();
  readonly asked: number[] = [];
  answer: 'at once' | 'never' | 'no-answer' = 'at once';
  #listener: ItemReaderListener | undefined;

  start(listener: ItemReaderListener): void {
    this.#listener = listener;
  }

  refresh(antenna: number): Promise<void> {
    this.asked.push(antenna);
    if (this.answer === 'never') return new Promise(() => {});
    if (this.answer === 'no-answer') return Promise.reject(new DriverError('no-answer', 'Silence.'));
    this.report(antenna, this.inside.get(antenna) ?? []);
    return Promise.resolve();
  }

  report(antenna: number, tags: readonly string[]): void {
    this.#listener?.report({ antenna, kind: 'rfid', tags });
  }

  answering(answers: boolean): void {
    this.#listener?.answering(answers);
  }

  stop(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }
}

/** The tag of an item is its id in capitals; of `STRANGE` there is none. */
const registry = {
  itemOf: (_kind: string, tag: string): ItemId | undefined =>
    tag.startsWith('STRANGE') ? undefined : tag.toLowerCase(),
};

describe('the watch over items', () => {
  let clock: ManualClock;
  let reader: HandReader;
  let link: ItemReaderLink;
  let watch: ItemWatch;
  /** By compartment, what the cabinet knows. */
  let known: Map<number, readonly ItemId[]>;
  let told: string[];
  let troubles: string[];

  beforeEach(() => {
    clock = new ManualClock();
    reader = new HandReader();
    const places = Array.from({ length: ANTENNAS }, (_, antenna): [number, Place] => [
      antenna,
      { cabinet: 'A', compartment: antenna + 1 },
    ]);
    link = new ItemReaderLink(reader, new Map(places));
    known = new Map();
    told = [];
    troubles = [];
    watch = new ItemWatch({
      readers: [link],
      registry,
      clock,
      known: ({ compartment }) => known.get(compartment) ?? [],
      seen: record,
      onTrouble: (message) => void troubles.push(message),
    });
    watch.start();
    link.start();
  });

  afterEach(async () => {
    watch.stop();
    await link.stop();
    expect(clock.pending, 'timers left behind').to.equal(0);
  });

  /** A cabinet records a moment after it was told; an item is in one place at a time. */
  async function record({ compartment }: Place, item: ItemId, present: boolean): Promise<void> {
    told.push(`${compartment} ${present ? '+' : '-'}${item}`);
    await Promise.resolve();
    for (const [place, items] of known) {
      if (present || place === compartment)
        known.set(
          place,
          items.filter((each) => each !== item),
        );
    }
    if (present) known.set(compartment, [...(known.get(compartment) ?? []), item]);
  }

  /** A report that comes by itself, and what it leads to. */
  async function report(antenna: number, ...tags: readonly string[]): Promise<void> {
    reader.inside.set(antenna, tags);
    reader.report(antenna, tags);
    await clock.advance(0);
  }

  it('tells of an item that is found, once', async () => {
    await report(0, 'SAW', 'DRILL');
    await report(0, 'DRILL', 'SAW');
    expect(told).to.deep.equal(['1 +saw', '1 +drill']);
  });

  it('tells nothing where everything is as it is known', async () => {
    known.set(1, ['saw']);
    await report(0, 'SAW');
    await report(1);
    expect(told).to.deep.equal([]);
    expect(reader.asked).to.deep.equal([]);
  });

  it('asks again before an item that was missed once counts as gone', async () => {
    known.set(1, ['saw']);
    await report(0);
    expect(told).to.deep.equal([]);
    await clock.advance(1_000);
    expect(reader.asked).to.deep.equal([0]);
    expect(told).to.deep.equal(['1 -saw']);
  });

  it('takes no notice of an item that is missed once and is there again', async () => {
    known.set(1, ['saw']);
    reader.report(0, []);
    reader.inside.set(0, ['SAW']);
    await clock.advance(1_000);
    reader.report(0, []);
    await clock.advance(1_000);
    expect(told).to.deep.equal([]);
    expect(reader.asked).to.deep.equal([0, 0]);
  });

  it('waits for the next report where the reader does not answer', async () => {
    known.set(1, ['saw']);
    reader.answer = 'no-answer';
    await report(0);
    await clock.advance(60_000);
    expect(told).to.deep.equal([]);
    await report(0);
    expect(told).to.deep.equal(['1 -saw']);
  });

  it('takes the word of a report that was asked for after a door was closed', async () => {
    known.set(1, ['saw', 'drill']);
    reader.inside.set(0, ['DRILL', 'PLANE']);
    expect(await watch.refresh('A', 1)).to.equal(true);
    expect(told).to.have.members(['1 -saw', '1 +plane']);
    expect(known.get(1), 'on record before it resolves').to.deep.equal(['drill', 'plane']);
    await clock.advance(10_000);
    expect(reader.asked, 'nothing is left to confirm').to.deep.equal([0]);
  });

  it('says that there was no answer: of a silent reader, a slow one, and where none looks inside', async () => {
    known.set(1, ['saw']);
    for (const answer of ['no-answer', 'never'] as const) {
      reader.answer = answer;
      const refreshed = watch.refresh('A', 1);
      await clock.advance(3_000);
      expect(await refreshed, answer).to.equal(false);
    }
    expect(await watch.refresh('A', 9)).to.equal(false);
    expect(await watch.refresh('B', 1)).to.equal(false);
    expect(told).to.deep.equal([]);
  });

  it('takes the word of a reader that answers again in time as one that was asked for', async () => {
    known.set(1, ['saw']);
    reader.answer = 'no-answer';
    const refreshed = watch.refresh('A', 1);
    await clock.advance(1_000);
    expect(told).to.deep.equal([]);
    await report(0, 'DRILL');
    expect(await refreshed).to.equal(true);
    expect(told).to.deep.equal(['1 +drill', '1 -saw']);
  });

  it('leaves an item that two antennas see where it was first', async () => {
    await report(0, 'SAW');
    await report(1, 'SAW');
    await report(0, 'SAW');
    expect(told).to.deep.equal(['1 +saw']);
  });

  it('leaves an item where the cabinet knows it until its own antenna has said something', async () => {
    known.set(2, ['saw']);
    await report(0, 'SAW');
    expect(told).to.deep.equal([]);
    await report(1, 'SAW');
    expect(told).to.deep.equal([]);
  });

  it('moves an item once the antenna that had it misses it', async () => {
    await report(0, 'SAW');
    await report(1, 'SAW');
    await report(0);
    await clock.advance(1_000);
    expect(told).to.deep.equal(['1 +saw', '1 -saw', '2 +saw']);
    expect(known.get(2)).to.deep.equal(['saw']);
  });

  it('asks the other antenna where an item turns up behind a door that was closed', async () => {
    await report(0, 'SAW');
    reader.inside.set(0, []);
    reader.inside.set(1, ['SAW']);
    expect(await watch.refresh('A', 2)).to.equal(true);
    expect(reader.asked).to.deep.equal([1, 0]);
    expect(known.get(1)).to.deep.equal([]);
    expect(known.get(2)).to.deep.equal(['saw']);
  });

  it('does not take what a neighbour still sees for what was brought', async () => {
    await report(0, 'SAW');
    reader.inside.set(1, ['SAW']);
    expect(await watch.refresh('A', 2)).to.equal(true);
    expect(told).to.deep.equal(['1 +saw']);
  });

  it('tells of a tag that belongs to no item once, and not what it says', async () => {
    await report(0, 'STRANGE1', 'SAW');
    await report(1, 'STRANGE1');
    expect(watch.strangeTags).to.equal(1);
    expect(troubles).to.have.length(1);
    expect(troubles[0])
      .to.include('"items"')
      .and.include('compartment 1 of cabinet A')
      .and.not.include('STRANGE');
    expect(told).to.deep.equal(['1 +saw']);
  });

  it('remembers a bounded number of tags that belong to no item', async () => {
    await report(0, ...Array.from({ length: 1_100 }, (_, number) => `STRANGE${number}`));
    expect(watch.strangeTags).to.equal(1_000);
    expect(troubles).to.have.length(1_000);
  });

  it('says once that a reader is silent, and once that it answers again', () => {
    reader.answering(true);
    reader.answering(false);
    reader.answering(false);
    expect([...watch.silent]).to.deep.equal(['items']);
    reader.answering(true);
    expect([...watch.silent]).to.deep.equal([]);
    expect(troubles.map((trouble) => /does not answer|answers again/.exec(trouble)?.[0])).to.deep.equal([
      'does not answer',
      'answers again',
    ]);
  });

  it('knows in the end where everything is, whatever was moved and missed', async () => {
    const tag = fc.constantFrom('SAW', 'DRILL', 'PLANE');
    const antenna = fc.nat(ANTENNAS - 1);
    const step = fc.oneof(
      fc.record({ do: fc.constant('move' as const), tag, to: fc.option(antenna) }),
      fc.record({
        do: fc.constant('report' as const),
        antenna,
        missing: fc.subarray(['SAW', 'DRILL', 'PLANE']),
      }),
      fc.record({ do: fc.constant('refresh' as const), antenna }),
      fc.record({ do: fc.constant('wait' as const), for: fc.nat(1_500) }),
    );
    const inside = (at: number): readonly string[] => reader.inside.get(at) ?? [];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        for (const each of steps) {
          if (each.do === 'move') {
            for (const at of reader.inside.keys()) {
              reader.inside.set(
                at,
                inside(at).filter((other) => other !== each.tag),
              );
            }
            if (each.to !== null) reader.inside.set(each.to, [...inside(each.to), each.tag]);
          } else if (each.do === 'report') {
            reader.report(
              each.antenna,
              inside(each.antenna).filter((other) => !each.missing.includes(other)),
            );
          } else if (each.do === 'refresh') {
            await watch.refresh('A', each.antenna + 1);
          }
          await clock.advance(each.do === 'wait' ? each.for : 0);
        }
        // Two rounds of every antenna.
        for (let at = 0; at < 2 * ANTENNAS; at += 1) {
          reader.report(at % ANTENNAS, inside(at % ANTENNAS));
          await clock.advance(2_000);
        }
        for (let at = 0; at < ANTENNAS; at += 1) {
          const items = inside(at).map((each) => each.toLowerCase());
          expect(known.get(at + 1) ?? [], `compartment ${at + 1}`).to.have.members(items);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('hears and asks nothing once it is stopped', async () => {
    known.set(1, ['saw']);
    await report(0);
    watch.stop();
    await clock.advance(10_000);
    await report(0);
    expect(await watch.refresh('A', 1)).to.equal(false);
    expect(told).to.deep.equal([]);
    expect(reader.asked).to.deep.equal([]);
  });
});
