import { expect } from 'chai';
import type { CassetteView } from '../../../domain/cassette/view.ts';
import { isPaced, MainLine } from '../../../gateway/cassettes/main-line.ts';
import type { FromCassettes } from '../../../gateway/cassettes/protocol.ts';

describe('what is told to a main thread that is held up', () => {
  let posted: FromCassettes[];
  let line: MainLine;

  beforeEach(() => {
    posted = [];
    line = new MainLine((message) => posted.push(message));
  });

  function view(id: string, at: number): FromCassettes {
    return { kind: 'view', view: { id, name: String(at) } as CassetteView };
  }

  function taken(cassette: string, at: number): FromCassettes {
    const event = { type: 'link-lost', actor: { kind: 'machine', id: 'gateway' }, data: {} } as const;
    return { kind: 'taken', taken: { cassette, event, at, view: { id: cassette } as CassetteView } };
  }

  function records(waiting: number): FromCassettes {
    return { kind: 'records', records: { waiting } };
  }

  /** Hears everything that is told, until nothing more is. */
  function hearAll(): FromCassettes[] {
    const heard: FromCassettes[] = [];
    for (let message = posted.shift(); message; message = posted.shift()) {
      heard.push(message);
      if (isPaced(message)) line.heard();
    }
    return heard;
  }

  it('is told at once while that hears', () => {
    for (let at = 0; at < 1_000; at += 1) {
      line.tell(taken('C1', at));
      expect(hearAll()).to.deep.equal([taken('C1', at)]);
    }
  });

  it('is bounded: views by the number of cassettes, events by what is kept', () => {
    for (let at = 0; at < 30_000; at += 1) {
      line.tell(view(`C${at % 64}`, at));
      line.tell(taken(`C${at % 64}`, at));
      line.tell(records(at));
    }
    expect(posted.length).to.be.at.most(100);
    const events = hearAll().flatMap((message) => (message.kind === 'taken' ? [message.taken.at] : []));
    expect(events.length).to.be.within(10_000, 10_100);
    expect(events, 'in their order').to.deep.equal(events.toSorted((a, b) => a - b));
    expect(events.at(-1), 'up to the newest').to.equal(29_999);
  });

  it('says how much was passed over', () => {
    for (let at = 0; at < 10_150; at += 1) line.tell(taken('C1', at));
    const troubles = hearAll().flatMap((message) => (message.kind === 'trouble' ? [message.text] : []));
    expect(troubles).to.have.length(1);
    expect(troubles[0]).to.include(' 50 events');
  });

  it('ends with the newest of everything', () => {
    for (let at = 0; at < 500; at += 1) {
      line.tell(view('C1', at));
      line.tell(records(at));
    }
    line.tell(taken('C1', 500));
    line.tell(view('C2', 501));
    const heard = hearAll();
    const newest = (kind: string): FromCassettes | undefined =>
      heard.findLast((message) => message.kind === kind);
    expect(newest('records')).to.deep.equal(records(499));
    expect(newest('view')).to.deep.equal(view('C2', 501));
    const last = heard.findLastIndex((message) => message.kind === 'view' && message.view.id === 'C1');
    const event = heard.findIndex(({ kind }) => kind === 'taken');
    expect(last, 'no view is older than the event before it').to.be.lessThan(event);
  });

  it('has it that whoever hears of an event knows of its record', () => {
    for (let at = 0; at < 300; at += 1) line.tell(taken('C1', at));
    line.tell(records(1));
    line.tell(taken('C1', 300));
    const heard = hearAll();
    const known = heard.findIndex(({ kind }) => kind === 'records');
    const event = heard.findIndex((message) => message.kind === 'taken' && message.taken.at === 300);
    expect(known).to.be.within(0, event - 1);
  });

  it('lets answers, shipments and the end go past', () => {
    for (let at = 0; at < 1_000; at += 1) line.tell(taken('C1', at));
    const urgent: FromCassettes[] = [
      { kind: 'answer', call: 1, answer: { ok: true } },
      { kind: 'ship', shipment: 1, events: [] },
      { kind: 'keys', keys: [] },
      { kind: 'failed', code: 'failed', text: '' },
    ];
    for (const message of urgent) line.tell(message);
    expect(posted.slice(-urgent.length)).to.deep.equal(urgent);
  });
});
