import { expect } from 'chai';
import {
  AttributeIds,
  AttributeOperand,
  ContentFilter,
  type ContentFilterElementOptions,
  constructEventFilter,
  DataType,
  ElementOperand,
  EventFilter,
  FilterOperator,
  LiteralOperand,
  type LocalizedText,
  type NodeId,
  ReadEventDetails,
  resolveNodeId,
  SimpleAttributeOperand,
  type Variant,
} from 'node-opcua';
import type { LoggedEvent } from '../../domain/event.ts';
import { ADMINISTRATOR } from './support/client.ts';
import { Chain, HistoryServer, readAll, readHistory } from './support/history-server.ts';

const START = Date.UTC(2026, 4, 1, 8);
const MINUTE = 60_000;
const at = (minutes: number): Date => new Date(START + minutes * MINUTE);
const time = (minutes: number): number => START + minutes * MINUTE;

const ADA = { kind: 'user', id: 'ada' } as const;
const ROM = '016060CF030000A8';

const cabinet = new Chain('cabinet/A')
  .add(time(1), 'compartment-granted', { compartment: 7, grant: 'g1', allocation: 'new', user: 'ada' }, ADA)
  .add(time(2), 'door-opened', { compartment: 7, grant: 'g1', user: 'ada' })
  .add(time(3), 'door-closed', { compartment: 7 })
  .add(time(4), 'door-forced', { compartment: 9, whileAway: false })
  .add(time(5), 'code-assigned', { compartment: 3, code: { id: 'c', verifier: 'SECRET' }, reason: 'r' })
  .add(time(6), 'compartment-granted', {
    compartment: 2,
    grant: 'g2',
    allocation: 'new',
    user: 'bob',
    duress: true,
  })
  .add(time(7), 'of-another-version', { compartment: 2 });
const cassette = new Chain('cassette/C/1')
  .add(time(2.5), 'key-used', {
    rom: ROM,
    key: 'K-1',
    role: 'K2',
    reader: 'r',
    from: 'rest',
    to: 'transit',
    armedBy: {},
    timers: {},
  })
  .add(time(4.5), 'link-lost');
/** Of sources that this server does not show. */
const elsewhere = [
  ...new Chain('cabinet/Z').add(time(3), 'door-opened', { compartment: 1, grant: 'g' }).events,
  ...new Chain('site/test').add(time(3), 'user-added', { user: 'eve' }).events,
];
const shownHere = [...cabinet.events, ...cassette.events].sort((one, other) => (one.at < other.at ? -1 : 1));

describe('OPC UA history of events', () => {
  let site: HistoryServer;
  let own: number;

  before(async () => {
    site = await HistoryServer.start([...cabinet.events, ...cassette.events, ...elsewhere]);
    own = site.operator.types;
  });

  after(() => site?.close());

  /** Fields by name; those of the server's own types stand in its namespace. */
  const select = (...names: string[]): SimpleAttributeOperand[] =>
    names.map((name) => {
      const ours = ['Type', 'Sequence', 'Actor', 'User', 'Data', 'Compartment'].includes(name);
      return new SimpleAttributeOperand({
        typeDefinitionId: resolveNodeId('BaseEventType'),
        browsePath: [{ name, namespaceIndex: ours ? own : 0 }],
        attributeId: AttributeIds.Value,
      });
    });
  const details = (
    fields: readonly string[],
    options: ConstructorParameters<typeof ReadEventDetails>[0] = {},
    elements: ContentFilterElementOptions[] = [],
  ): ReadEventDetails =>
    new ReadEventDetails({
      startTime: at(0),
      endTime: at(60),
      numValuesPerNode: 0,
      filter: new EventFilter({
        selectClauses: select(...fields),
        whereClause: new ContentFilter({ elements }),
      }),
      ...options,
    });
  const literal = (dataType: DataType, value: unknown) => new LiteralOperand({ value: { dataType, value } });
  const field = (name: string) => select(name)[0] as SimpleAttributeOperand;
  const typesWhere = async (elements: ContentFilterElementOptions[], node = 'i=2253'): Promise<string[]> => {
    const { events } = await readAll(site.operator, node, details(['Type'], {}, elements));
    return events.map(([type]) => String(type?.value));
  };

  it('is all of it on the Server object, and of each cabinet and cassette that of its own', async () => {
    const of = async (node: string) =>
      (await readAll(site.operator, node, details(['EventId']))).events.map(([id]) =>
        id?.value.toString('hex'),
      );
    const hashes = (events: readonly LoggedEvent[]): string[] => events.map(({ hash }) => hash);
    expect(await of('i=2253')).to.deep.equal(hashes(shownHere));
    const page = await site.queries.events({ cabinet: 'A', order: 'oldest-first' });
    expect(page.ok && hashes(page.events)).to.deep.equal(hashes(cabinet.events));
    expect(await of('cabinet/A')).to.deep.equal(hashes(cabinet.events));
    expect(await of('cassette/C%2F1')).to.deep.equal(hashes(cassette.events));
  });

  it('tells what happened, where, when, how urgent it is, and to whom', async () => {
    const names = ['EventType', 'SourceNode', 'SourceName', 'Time', 'ReceiveTime', 'Message', 'Severity'];
    const ours = ['Type', 'Sequence', 'Actor', 'User', 'Compartment', 'Data'];
    const { events } = await readAll(site.operator, 'i=2253', details([...names, ...ours]));
    const values = (fields: readonly Variant[] | undefined) =>
      fields?.map(({ dataType, value }) => {
        if (dataType === DataType.NodeId) return (value as NodeId).toString();
        if (dataType === DataType.LocalizedText) return (value as LocalizedText).text;
        return dataType === DataType.DateTime ? (value as Date).getTime() : value;
      });
    const { operator } = site;
    expect(values(events[0])).to.deep.equal([
      operator.id('type/CabinetEventType'),
      operator.id('cabinet/A'),
      'Cabinet A',
      time(1),
      time(1),
      'Compartment 7 may be opened once.',
      100,
      'compartment-granted',
      1,
      'user',
      'ada',
      7,
      JSON.stringify({ compartment: 7, grant: 'g1', allocation: 'new', user: 'ada' }),
    ]);
    expect(values(events[2])?.slice(0, 10)).to.deep.equal([
      operator.id('type/CassetteEventType'),
      operator.id('cassette/C%2F1'),
      'Drawer 1',
      time(2.5),
      time(2.5),
      values(events[2])?.[5],
      100,
      'key-used',
      1,
      'gateway',
    ]);
    expect(values(events[2])?.[5]).to.include('K-1');
    expect(values(events[2])?.[11], 'compartment of a cassette').to.equal(null);
    const severities = new Map(events.map((event) => [event[7]?.value, event[6]?.value]));
    expect(severities.get('door-forced')).to.equal(850);
    expect(severities.get('link-lost')).to.equal(800);
    expect(severities.get('compartment-granted'), 'the last, under duress').to.equal(1000);
  });

  it('has no secrets in it', async () => {
    const { events } = await readAll(site.operator, 'i=2253', details(['Message', 'Data']));
    const told = JSON.stringify(events);
    expect(told).to.include('K-1').and.not.to.include('SECRET').and.not.to.include(ROM);
  });

  it('speaks the language of the session, and has a word for what it does not know', async () => {
    const textsFor = async (client: typeof site.operator): Promise<(string | null | undefined)[]> => {
      const { events } = await readAll(client, 'cabinet/A', details(['Message']));
      return events.map(([message]) => (message?.value as LocalizedText | undefined)?.text);
    };
    expect((await textsFor(site.operator))[3]).to.equal(
      'The door of compartment 9 opened without permission.',
    );
    const polish = await site.connect(ADMINISTRATOR, { localeIds: ['pl-PL'] });
    try {
      const texts = await textsFor(polish);
      expect(texts[3]).to.equal('Drzwi skrytki 9 otwarto bez zezwolenia.');
      expect(texts.at(-1)).to.equal('of-another-version');
    } finally {
      await polish.close();
    }
  });

  it('comes in the order of the range, as many at a time as were asked for', async () => {
    const read = async (options: ConstructorParameters<typeof ReadEventDetails>[0]) => {
      const { events, parts } = await readAll(site.operator, 'cabinet/A', details(['Sequence'], options));
      return { numbers: events.map(([sequence]) => sequence?.value), parts };
    };
    expect((await read({ startTime: at(2), endTime: at(4) })).numbers).to.deep.equal([2, 3]);
    expect((await read({ startTime: at(4), endTime: at(2) })).numbers).to.deep.equal([4, 3]);
    expect(await read({ numValuesPerNode: 3 })).to.deep.equal({ numbers: [1, 2, 3, 4, 5, 6, 7], parts: 3 });
    const open = { startTime: null, endTime: at(3), numValuesPerNode: 2 };
    expect(await read(open)).to.deep.equal({ numbers: [3, 2], parts: 1 });
    const none = { startTime: at(100), endTime: at(200) };
    expect((await readAll(site.operator, 'cabinet/A', details(['Type'], none))).status).to.equal(
      'GoodNoData',
    );
  });

  it('is filtered by type, by urgency, by time, by name, and by all of it together', async () => {
    const cassetteType = literal(DataType.NodeId, resolveNodeId(site.operator.id('type/CassetteEventType')));
    const one = (
      filterOperator: FilterOperator,
      ...filterOperands: ContentFilterElementOptions['filterOperands'] & object
    ) => ({
      filterOperator,
      filterOperands,
    });
    expect(await typesWhere([one(FilterOperator.OfType, cassetteType)])).to.deep.equal([
      'key-used',
      'link-lost',
    ]);
    const urgent = one(FilterOperator.GreaterThanOrEqual, field('Severity'), literal(DataType.UInt16, 800));
    expect(await typesWhere([urgent])).to.deep.equal(['door-forced', 'link-lost', 'compartment-granted']);
    const early = one(FilterOperator.LessThan, field('Time'), literal(DataType.DateTime, at(3)));
    expect(await typesWhere([early])).to.deep.equal(['compartment-granted', 'door-opened', 'key-used']);
    const named = one(FilterOperator.Equals, field('SourceName'), literal(DataType.String, 'Drawer 1'));
    expect(await typesWhere([named])).to.deep.equal(['key-used', 'link-lost']);
    const doors = one(FilterOperator.Like, field('Type'), literal(DataType.String, 'door-[c-o]%'));
    expect(await typesWhere([doors])).to.deep.equal(['door-opened', 'door-closed', 'door-forced']);
    const numbered = one(
      FilterOperator.InList,
      field('Compartment'),
      literal(DataType.Int32, 9),
      literal(DataType.UInt32, 3),
    );
    expect(await typesWhere([numbered])).to.deep.equal(['door-forced', 'code-assigned']);
    expect(await typesWhere([one(FilterOperator.IsNull, field('Compartment'))])).to.deep.equal([
      'key-used',
      'link-lost',
    ]);
    const between = one(
      FilterOperator.Between,
      field('Severity'),
      literal(DataType.Int32, 600),
      literal(DataType.Int32, 900),
    );
    const element = (index: number) => new ElementOperand({ index });
    expect(
      await typesWhere([
        one(FilterOperator.And, element(1), element(2)),
        between,
        one(FilterOperator.Not, element(3)),
        one(FilterOperator.Or, element(4), element(4)),
        one(FilterOperator.OfType, cassetteType),
      ]),
    ).to.deep.equal(['door-forced']);
    // What is null is neither true nor false.
    const unknown = one(FilterOperator.Equals, field('Compartment'), literal(DataType.UInt16, 7));
    expect(await typesWhere([one(FilterOperator.Not, element(1)), unknown], 'cassette/C%2F1')).to.deep.equal(
      [],
    );
  });

  it('refuses filters that it cannot serve', async () => {
    const status = async (filter: EventFilter | undefined): Promise<string | undefined> => {
      const wrong = details(['Type']);
      wrong.filter = filter as EventFilter;
      return (await readHistory(site.operator, 'cabinet/A', wrong))[0]?.statusCode.name;
    };
    const where = (...elements: ContentFilterElementOptions[]) =>
      new EventFilter({ selectClauses: select('Type'), whereClause: new ContentFilter({ elements }) });
    const { And, Cast, Equals, InView, OfType } = FilterOperator;
    const two = [literal(DataType.UInt32, 1), literal(DataType.UInt32, 1)];
    const self = new ElementOperand({ index: 0 });
    const filters: EventFilter[] = [
      new EventFilter({ selectClauses: [] }),
      constructEventFilter(['NoSuchField']),
      new EventFilter({ selectClauses: Array.from({ length: 101 }, () => field('Type')) }),
      where({ filterOperator: Cast, filterOperands: two }),
      where({ filterOperator: InView, filterOperands: two.slice(1) }),
      where({ filterOperator: Equals, filterOperands: two.slice(1) }),
      where({ filterOperator: And, filterOperands: [self, self] }),
      where({ filterOperator: And, filterOperands: [new ElementOperand({ index: 7 }), self] }),
      where({
        filterOperator: OfType,
        filterOperands: [literal(DataType.NodeId, resolveNodeId('ns=1;i=4711'))],
      }),
      where({ filterOperator: Equals, filterOperands: [new AttributeOperand({}), two[0] as LiteralOperand] }),
      where({
        filterOperator: Equals,
        filterOperands: [literal(DataType.String, 'x'.repeat(513)), two[0] as LiteralOperand],
      }),
      where(...Array.from({ length: 51 }, () => ({ filterOperator: Equals, filterOperands: two }))),
    ];
    for (const [number, filter] of filters.entries()) {
      expect(await status(filter), `filter ${number}`).to.equal('BadEventFilterInvalid');
    }
    expect(await status(where({ filterOperator: Equals, filterOperands: two }))).to.equal('Good');
  });

  it('gives null for fields of other types, and for what no event of the log has', async () => {
    const selectClauses = select('Type', 'LocalTime', 'Compartment');
    const [, , compartment] = selectClauses;
    if (compartment) compartment.typeDefinitionId = resolveNodeId(site.operator.id('type/CabinetEventType'));
    const filter = new EventFilter({ selectClauses });
    const of = async (node: string) =>
      (await readAll(site.operator, node, details([], { filter }))).events[0]?.map(({ value }) => value);
    expect(await of('cabinet/A')).to.deep.equal(['compartment-granted', null, 7]);
    expect(await of('cassette/C%2F1')).to.deep.equal(['key-used', null, null]);
  });
});
