import { expect } from 'chai';
import { AttributeIds, MessageSecurityMode, ObjectTypeIds, SecurityPolicy } from 'node-opcua';
import { eventually } from '../support/eventually.ts';
import {
  AlarmServer,
  CASSETTE,
  callCondition,
  comment,
  conditionNode,
  DOOR,
  eventId,
  FORCED,
  type MethodName,
  milliseconds,
} from './support/alarm-server.ts';
import { ADMINISTRATOR, OPERATOR } from './support/client.ts';
import { type Received, typeName } from './support/event-watch.ts';

const IN_CLEAR = { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None };

describe('rights to conditions', () => {
  let server: AlarmServer;

  before(async () => {
    server = await AlarmServer.start({ allowAnonymous: true, allowUnencrypted: true });
  });

  afterEach(() => server.clear());

  after(() => server.close());

  const names = (events: readonly Received[]) => events.map(({ ConditionName }) => ConditionName);

  /** An alarm of a cabinet that is no secret, a silent one, one of a cassette, and one more as the end. */
  const raiseAll = async () => {
    await server.raise('duress');
    await server.raise('stained', CASSETTE);
    await server.raise('duress', CASSETTE);
    await server.raise('door-forced');
  };

  it('leave people without a log-in the alarms of cabinets, but for the silent ones', async () => {
    for (const options of [{}, IN_CLEAR]) {
      const { watch, client } = await server.watch(undefined, {}, options);
      const { watch: cassette } = await server.watch(
        undefined,
        { node: client.id('cassette/C%2F1') },
        options,
      );
      const { watch: operator } = await server.watch(OPERATOR);
      await raiseAll();
      await operator.next({ ConditionName: 'door-forced' });
      expect(names(operator.alarms)).to.have.members(['duress', 'stained', 'duress', 'door-forced']);
      await watch.next({ ConditionName: 'door-forced' });
      expect(names(watch.alarms)).to.deep.equal(['door-forced']);
      expect(names(await watch.refresh())).to.deep.equal(['door-forced']);
      expect(cassette.events).to.deep.equal([]);
      await server.clear();
    }
  });

  it('give those who log in over a connection in clear no more than anybody', async () => {
    const { watch, client } = await server.watch(ADMINISTRATOR, {}, IN_CLEAR);
    await raiseAll();
    await watch.next({ ConditionName: 'door-forced' });
    expect(names(await watch.refresh())).to.deep.equal(['door-forced']);
    const denied = await callCondition(client, FORCED, 'Silence');
    expect(denied.statusCode.name).to.equal('BadSecurityModeInsufficient');
    expect(new Set(names(watch.alarms))).to.deep.equal(new Set(['door-forced']));
  });

  it('tell nobody without a log-in who said what', async () => {
    const { watch } = await server.watch(undefined);
    const { watch: operator } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    await server.command({ do: 'acknowledge', alarm: FORCED, comment: 'Anna is on her way' });
    expect(await operator.next({ 'AckedState/Id': true })).to.deep.include({
      Comment: 'Anna is on her way',
      ClientUserId: 'u-admin',
    });
    const seen = await watch.next({ 'AckedState/Id': true });
    expect([seen['Comment'], seen['ClientUserId'], seen['Comment/SourceTimestamp']]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('let nobody without a log-in do anything, nor find out what there is', async () => {
    const client = await server.connect();
    await raiseAll();
    const { watch } = await server.watch(OPERATOR);
    const [forced] = (await watch.refresh()).filter(({ ConditionName }) => ConditionName === 'door-forced');
    const tried = async (alarm: string, method: MethodName, ...inputs: Parameters<typeof comment>[]) =>
      (await callCondition(client, alarm, method, ...inputs.map(([text]) => comment(text)))).statusCode.name;
    for (const alarm of [FORCED, 'duress@A/2', 'stained@cassette:C/1', 'door-forced@B/9']) {
      expect(await tried(alarm, 'Silence'), alarm).to.equal('BadUserAccessDenied');
    }
    const acknowledged = await callCondition(
      client,
      FORCED,
      'Acknowledge',
      eventId(forced?.['EventId']),
      comment(''),
    );
    expect(acknowledged.statusCode.name).to.equal('BadUserAccessDenied');
    for (const alarm of ['duress@A/2', 'stained@cassette:C/1', 'duress@cassette:C/1', 'nothing@A/2']) {
      const node = conditionNode(alarm);
      const read = await client.session.read({ nodeId: node, attributeId: AttributeIds.NodeClass });
      expect(read.statusCode.name, alarm).to.equal('BadNodeIdUnknown');
      expect((await client.session.browse(node)).statusCode.name, alarm).to.equal('BadNodeIdUnknown');
    }
    expect(server.alarms.alarm(FORCED)?.current.acknowledged).to.equal(false);
  });

  it('end in sessions under way', async () => {
    const { watch, client } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    const event = await watch.next({ ConditionName: 'door-forced' });
    server.server.gateway.withdrawn.add('operator');
    try {
      // Rights are looked up every two seconds.
      let denied = '';
      while (denied !== 'BadUserAccessDenied') {
        denied = (await callCondition(client, FORCED, 'Unshelve')).statusCode.name;
      }
      const from = watch.events.length;
      await server.raise('stained', CASSETTE);
      await server.raise('duress');
      await server.raise('lock-fault');
      await watch.next({ ConditionName: 'lock-fault' }, from);
      expect(names(watch.events.slice(from))).to.deep.equal(['lock-fault']);
      const late = await callCondition(client, FORCED, 'Acknowledge', eventId(event['EventId']), comment(''));
      expect(late.statusCode.name).to.equal('BadUserAccessDenied');
    } finally {
      server.server.gateway.withdrawn.clear();
    }
  });

  it('are audited as the standard has it, for administrators', async () => {
    const { watch } = await server.watch(ADMINISTRATOR);
    const { watch: operators, client } = await server.watch(OPERATOR);
    await server.raise('door-forced', DOOR);
    const { EventId } = await operators.next({ ConditionName: 'door-forced' });
    const from = server.server.records.length;
    await callCondition(client, FORCED, 'Acknowledge', eventId(EventId), comment('seen'));
    await callCondition(client, FORCED, 'AddComment', eventId(EventId), comment('words'));
    await callCondition(client, FORCED, 'Silence');
    await callCondition(client, FORCED, 'TimedShelve', milliseconds(60_000));
    await callCondition(client, FORCED, 'Suppress2', comment('no'));
    await callCondition(client, FORCED, 'RemoveFromService');
    await callCondition(client, FORCED, 'Disable');
    const expected = {
      AuditConditionAcknowledgeEventType: 'Method/Acknowledge',
      AuditConditionCommentEventType: 'Method/AddComment',
      AuditConditionSilenceEventType: 'Method/Silence',
      AuditConditionShelvingEventType: 'Method/TimedShelve',
      AuditConditionSuppressionEventType: 'Method/Suppress2',
      AuditConditionOutOfServiceEventType: 'Method/RemoveFromService',
      AuditConditionEnableEventType: 'Method/Disable',
    } as const;
    for (const [type, SourceName] of Object.entries(expected)) {
      const EventType = typeName(ObjectTypeIds[type as keyof typeof expected]);
      expect(await watch.next({ EventType })).to.deep.include({
        SourceName,
        SourceNode: conditionNode(FORCED),
      });
    }
    expect(operators.events.some(({ SourceName }) => String(SourceName).startsWith('Method/'))).to.equal(
      false,
    );
    const told = (): string[] =>
      server.server.records
        .slice(from)
        .filter(({ type }) => type === 'opcua-method-called')
        .map(({ data }) => `${(data as { method: string }).method} ${(data as { status: string }).status}`);
    for (const call of ['Acknowledge Good', 'TimedShelve Good', 'Suppress2 BadUserAccessDenied']) {
      await eventually(`a record of ${call}`, () => told().includes(call));
    }
  });
});
