import { expect } from 'chai';
import {
  AttributeIds,
  ContentFilter,
  DataType,
  FilterOperator,
  LiteralOperand,
  ObjectTypeIds,
  QualifiedName,
  resolveNodeId,
  SimpleAttributeOperand,
} from 'node-opcua';
import {
  AlarmServer,
  CASSETTE,
  callCondition,
  comment,
  conditionNode,
  DOOR,
  eventId,
  FORCED,
} from './support/alarm-server.ts';
import { ADMINISTRATOR, OPERATOR } from './support/client.ts';
import { EventWatch } from './support/event-watch.ts';

describe('conditions', () => {
  let server: AlarmServer;

  before(async () => {
    server = await AlarmServer.start();
  });

  afterEach(() => server.clear());

  after(() => server.close());

  it('tell of an alarm with every field of their types', async () => {
    const { client, watch } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    const event = await watch.next({ ConditionId: conditionNode(FORCED) });
    const now = event['Time'] as number;
    const [alarm] = server.alarms.list();
    expect(now).to.equal(alarm?.changedAt);
    expect(event['EventId']).to.match(/^[0-9a-f]{40}$/);
    expect(event).to.deep.include({
      EventType: client.id('type/LockerAlarmType'),
      SourceNode: 'ns=1;s=cabinet/A/compartment/2',
      SourceName: 'Cabinet A/2',
      Message: alarm?.text.en,
      Severity: 850,
      ConditionName: 'door-forced',
      ConditionClassId: `ns=0;i=${ObjectTypeIds.SafetyConditionClassType}`,
      ConditionClassName: 'Safety',
      BranchId: 'ns=0;i=0',
      Retain: true,
      EnabledState: 'Enabled',
      'EnabledState/Id': true,
      'EnabledState/EffectiveDisplayName': 'Active | Unacknowledged',
      Quality: 'Good',
      LastSeverity: 850,
      Comment: '',
      ClientUserId: '',
      AckedState: 'Unacknowledged',
      'AckedState/Id': false,
      ConfirmedState: 'Confirmed',
      'ConfirmedState/Id': true,
      ActiveState: 'Active',
      'ActiveState/Id': true,
      'ActiveState/TransitionTime': alarm?.current.since,
      InputNode: 'ns=1;s=cabinet/A/compartment/2/Door',
      'SuppressedState/Id': false,
      'OutOfServiceState/Id': false,
      'SilenceState/Id': false,
      'ShelvingState/CurrentState': 'Unshelved',
      'ShelvingState/CurrentState/Id': 'ns=0;i=2930',
      'ShelvingState/UnshelveTime': 0,
      SuppressedOrShelved: false,
      MaxTimeShelved: 12 * 3_600_000,
      NormalState: 'ns=0;i=0',
      AlarmKind: 'door-forced',
      Cabinet: 'A',
      Compartment: 2,
    });
    expect(event).to.have.property('Cassette', undefined);
  });

  it('go through the life of an alarm, each time with another id of the event', async () => {
    const { client, watch } = await server.watch(OPERATOR);
    const { watch: other } = await server.watch(ADMINISTRATOR);
    await server.raise('duress');
    const id = 'duress@A/2';
    const raised = await watch.next({ ConditionId: conditionNode(id) });
    expect(raised).to.deep.include({
      'ActiveState/Id': false,
      'AckedState/Id': false,
      'ConfirmedState/Id': false,
    });
    const { statusCode } = await callCondition(
      client,
      id,
      'Acknowledge',
      eventId(raised['EventId']),
      comment('Police are there.'),
    );
    expect(statusCode.name).to.equal('Good');
    const seen = await other.next({ 'AckedState/Id': true });
    expect(seen).to.deep.include({
      Retain: true,
      'ConfirmedState/Id': false,
      'EnabledState/EffectiveDisplayName': 'Inactive | Acknowledged | Unconfirmed',
      Comment: 'Police are there.',
      ClientUserId: 'u-operator',
    });
    expect(seen['AckedState/TransitionTime']).to.equal(seen['Time']);
    await server.command({ do: 'confirm', alarm: id });
    const last = await watch.next({ 'ConfirmedState/Id': true });
    expect(last['Retain']).to.equal(false);
    await other.next({ 'ConfirmedState/Id': true });
    const ids = watch.alarms.map(({ EventId }) => EventId);
    expect(new Set(ids).size).to.equal(3);
    expect(other.alarms.map(({ EventId }) => EventId)).to.deep.equal(ids);
  });

  it('keep an occurrence that nobody has seen as a branch, until somebody has', async () => {
    const { client, watch } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    const first = await watch.next({ 'ActiveState/Id': true });
    const branchId = `${conditionNode(FORCED)}#${server.alarms.alarm(FORCED)?.current.number}`;
    await server.over('door-forced');
    const from = watch.events.length;
    await server.raise('door-forced');
    const again = await watch.next({ 'ActiveState/Id': true }, from);
    const branch = await watch.next({ 'ActiveState/Id': false, BranchId: branchId }, from);
    expect(branch).to.deep.include({
      Retain: true,
      'AckedState/Id': false,
      ConditionId: conditionNode(FORCED),
    });
    expect(again).to.deep.include({ BranchId: 'ns=0;i=0', Retain: true });
    // By the id of the event that it came with when it was no branch yet.
    const { statusCode } = await callCondition(
      client,
      FORCED,
      'Acknowledge',
      eventId(first['EventId']),
      comment(''),
    );
    expect(statusCode.name).to.equal('Good');
    const gone = await watch.next({ BranchId: branchId, Retain: false });
    expect(gone).to.deep.include({ 'AckedState/Id': true, 'ActiveState/Id': false });
    expect(server.alarms.alarm(FORCED)).to.deep.include({ earlier: [] });
    expect(server.alarms.alarm(FORCED)?.current.acknowledged).to.equal(false);
    const late = await callCondition(client, FORCED, 'Acknowledge', eventId(branch['EventId']), comment(''));
    expect(late.statusCode.name).to.equal('BadConditionBranchAlreadyAcked');
  });

  it('say nothing while they are disabled, and all of it once they are not', async () => {
    const { watch } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    const branchId = `${conditionNode(FORCED)}#${server.alarms.alarm(FORCED)?.current.number}`;
    await server.over('door-forced');
    await server.raise('door-forced');
    await server.command({ do: 'disable', alarm: FORCED });
    const off = await watch.next({ 'EnabledState/Id': false, BranchId: 'ns=0;i=0' });
    expect(off).to.deep.include({ Retain: false, 'EnabledState/EffectiveDisplayName': 'Disabled' });
    await watch.next({ 'EnabledState/Id': false, BranchId: branchId, Retain: false });
    const from = watch.events.length;
    await server.over('door-forced');
    await server.raise('lock-fault');
    await watch.next({ AlarmKind: 'lock-fault' }, from);
    expect(watch.events.slice(from).map(({ AlarmKind }) => AlarmKind)).to.deep.equal(['lock-fault']);
    await server.command({ do: 'enable', alarm: FORCED });
    const on = await watch.next(
      { 'EnabledState/Id': true, ConditionId: conditionNode(FORCED), BranchId: 'ns=0;i=0' },
      from,
    );
    expect(on).to.deep.include({ Retain: true, 'ActiveState/Id': false });
  });

  it('reach the server, the site and their own cabinet or cassette, and nobody else', async () => {
    const { client, watch: all } = await server.watch(OPERATOR);
    const on = async (node: string) => (await server.watch(OPERATOR, { node: client.id(node) })).watch;
    const site = await on('site');
    const cabinet = await on('cabinet/A');
    const compartment = await on('cabinet/A/compartment/2');
    const cassette = await on('cassette/C%2F1');
    await server.raise('door-forced');
    await server.raise('board-lost', { source: 'cabinet', cabinet: 'A' }, 'left');
    await server.raise('stained', CASSETTE);
    await server.raise('bus-lost', { source: 'gateway' }, 'locks');
    for (const watch of [all, site]) await watch.next({ ConditionName: 'bus-lost:locks' });
    await cabinet.next({ ConditionName: 'board-lost:left' });
    await cassette.next({ ConditionName: 'stained' });
    const kinds = (watch: typeof all) => watch.alarms.map(({ ConditionName }) => ConditionName);
    expect(kinds(all)).to.deep.equal(['door-forced', 'board-lost:left', 'stained', 'bus-lost:locks']);
    expect(kinds(site)).to.deep.equal(kinds(all));
    expect(kinds(cabinet)).to.deep.equal(['door-forced', 'board-lost:left']);
    expect(kinds(cassette)).to.deep.equal(['stained']);
    expect(compartment.events).to.deep.equal([]);
    expect(all.alarms[1]).to.deep.include({
      ConditionName: 'board-lost:left',
      SourceNode: 'ns=1;s=cabinet/A',
      Cabinet: 'A',
    });
    expect(all.alarms[2]).to.deep.include({
      EventType: client.id('type/CassetteAlarmType'),
      Cassette: 'C/1',
    });
    expect(all.alarms[3]).to.deep.include({
      EventType: client.id('type/GatewayAlarmType'),
      SourceNode: 'ns=1;s=site',
    });
    for (const node of ['site', 'cabinet/A', 'cassette/C%2F1']) {
      const { value } = await client.read(node, AttributeIds.EventNotifier);
      expect(Number(value.value) & 1, node).to.equal(1);
    }
  });

  it('of a cabinet that has left the site still end', async () => {
    const { gateway } = server.server;
    gateway.addCabinet('B', 2);
    const { client, watch } = await server.watch(OPERATOR);
    await client.becomes('cabinet/B/Name', 'Cabinet B');
    const source = { source: 'cabinet', cabinet: 'B' } as const;
    await server.raise('board-lost', source, 'left');
    await watch.next({ SourceNode: 'ns=1;s=cabinet/B', 'ActiveState/Id': true });
    gateway.removeCabinet('B');
    while ((await client.read('cabinet/B/Name')).statusCode.isGood());
    await server.over('board-lost', source, 'left');
    const over = await watch.next({ Cabinet: 'B', 'ActiveState/Id': false });
    expect(over).to.deep.include({
      SourceNode: 'ns=1;s=site',
      SourceName: 'B',
      ConditionName: 'board-lost:left',
    });
  });

  for (const [locale, message, state] of [
    ['pl-PL', 'Skrytka 2', 'Niepotwierdzony'],
    ['it', 'Scomparto 2', 'Non riconosciuto'],
    ['de', 'Compartment 2', 'Unacknowledged'],
  ] as const) {
    it(`speak the language of the session: ${locale}`, async () => {
      const { watch: english } = await server.watch(OPERATOR);
      const { watch } = await server.watch(OPERATOR, {}, { localeIds: [locale, 'en'] } as never);
      await server.raise('door-forced');
      const event = await watch.next({ AlarmKind: 'door-forced' });
      expect(event['Message']).to.match(new RegExp(`^${message}`));
      expect(event['AckedState']).to.equal(state);
      expect((await english.next({ AlarmKind: 'door-forced' }))['AckedState']).to.equal('Unacknowledged');
    });
  }

  it('are filtered by type, by condition and by value', async () => {
    const operand = (path: string[], type: number = ObjectTypeIds.BaseEventType) =>
      new SimpleAttributeOperand({
        typeDefinitionId: resolveNodeId(`i=${type}`),
        browsePath: path.map((name) => new QualifiedName({ name })),
        attributeId: path.length === 0 ? AttributeIds.NodeId : AttributeIds.Value,
      });
    const literal = (dataType: DataType, value: unknown) =>
      new LiteralOperand({ value: { dataType, value } });
    const where = (
      filterOperator: FilterOperator,
      ...filterOperands: (SimpleAttributeOperand | LiteralOperand)[]
    ) => new ContentFilter({ elements: [{ filterOperator, filterOperands }] });
    const filters = {
      type: where(
        FilterOperator.OfType,
        literal(DataType.NodeId, resolveNodeId(`i=${ObjectTypeIds.AlarmConditionType}`)),
      ),
      condition: where(
        FilterOperator.InList,
        operand([], ObjectTypeIds.ConditionType),
        literal(DataType.NodeId, resolveNodeId(conditionNode('lock-fault@A/2'))),
      ),
      severity: where(
        FilterOperator.GreaterThanOrEqual,
        operand(['Severity']),
        literal(DataType.UInt16, 600),
      ),
      unseen: where(
        FilterOperator.Equals,
        operand(['AckedState', 'Id'], ObjectTypeIds.AcknowledgeableConditionType),
        literal(DataType.Boolean, true),
      ),
      other: where(
        FilterOperator.OfType,
        literal(DataType.NodeId, resolveNodeId(`i=${ObjectTypeIds.LimitAlarmType}`)),
      ),
    };
    const client = await server.connect(OPERATOR);
    const watches = new Map<string, EventWatch>();
    for (const [name, each] of Object.entries(filters))
      watches.set(name, await EventWatch.on(client, { where: each }));
    await server.raise('door-forced', DOOR);
    await server.raise('lock-fault', DOOR);
    await server.command({ do: 'acknowledge', alarm: FORCED });
    await watches.get('unseen')?.next({ AlarmKind: 'door-forced' });
    await watches.get('type')?.next({ AlarmKind: 'door-forced', 'AckedState/Id': true });
    await watches.get('condition')?.next({ AlarmKind: 'lock-fault' });
    const kinds = (name: string) => watches.get(name)?.events.map(({ AlarmKind }) => AlarmKind);
    expect(kinds('type')).to.deep.equal(['door-forced', 'lock-fault', 'door-forced']);
    expect(kinds('condition')).to.deep.equal(['lock-fault']);
    expect(kinds('severity')).to.deep.equal(['door-forced', 'door-forced']);
    expect(kinds('unseen')).to.deep.equal(['door-forced']);
    expect(kinds('other')).to.deep.equal([]);
  });
});
