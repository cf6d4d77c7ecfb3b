import { expect } from 'chai';
import fc from 'fast-check';
import {
  AttributeIds,
  type CallMethodResult,
  DataType,
  LocalizedText,
  makeBrowsePath,
  NodeClass,
  resolveNodeId,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import {
  AlarmServer,
  callCondition,
  comment,
  conditionNode,
  eventId,
  FORCED,
  METHODS,
  type MethodName,
  milliseconds,
} from './support/alarm-server.ts';
import { ADMINISTRATOR, OPERATOR, type TestClient } from './support/client.ts';
import type { EventWatch, Received } from './support/event-watch.ts';

describe('methods of conditions', () => {
  let server: AlarmServer;
  let client: TestClient;
  let watch: EventWatch;
  let raised: Received;

  before(async () => {
    server = await AlarmServer.start();
  });

  beforeEach(async () => {
    ({ client, watch } = await server.watch(ADMINISTRATOR));
    await server.raise('door-forced');
    raised = await watch.next({ AlarmKind: 'door-forced' });
  });

  afterEach(() => server.clear());

  after(() => server.close());

  const call = (method: MethodName, ...inputs: VariantOptions[]): Promise<CallMethodResult> =>
    callCondition(client, FORCED, method, ...inputs);
  const status = async (method: MethodName, ...inputs: VariantOptions[]): Promise<string> =>
    (await call(method, ...inputs)).statusCode.name;
  const alarm = () => server.alarms.alarm(FORCED);

  it('acknowledge an occurrence once', async () => {
    const id = eventId(raised['EventId']);
    expect(await status('Acknowledge', id, comment('seen'))).to.equal('Good');
    expect(alarm()?.current.acknowledged).to.equal(true);
    expect(alarm()?.comment).to.deep.include({
      text: 'seen',
      actor: { kind: 'administrator', id: 'u-admin' },
    });
    const seen = await watch.next({ 'AckedState/Id': true });
    expect(await status('Acknowledge', id, comment(''))).to.equal('BadConditionBranchAlreadyAcked');
    expect(await status('Acknowledge', eventId(seen['EventId']), comment(''))).to.equal(
      'BadConditionBranchAlreadyAcked',
    );
  });

  it('know only event ids of their own condition', async () => {
    await server.raise('lock-fault');
    const other = await watch.next({ AlarmKind: 'lock-fault' });
    const future = String(raised['EventId']).replace(/.{24}$/, 'ffffffffffff000000000001');
    for (const id of ['', 'abcd', other['EventId'], future]) {
      expect(await status('Acknowledge', eventId(id), comment('')), String(id)).to.equal('BadEventIdUnknown');
      expect(await status('AddComment', eventId(id), comment('words')), String(id)).to.equal(
        'BadEventIdUnknown',
      );
    }
    expect(await status('Acknowledge', { dataType: DataType.ByteString, value: null }, comment(''))).to.equal(
      'BadEventIdUnknown',
    );
    expect(alarm()?.current.acknowledged).to.equal(false);
  });

  it('say that an alarm was seen to where it is forgotten already', async () => {
    await server.over('door-forced');
    await server.command({ do: 'acknowledge', alarm: FORCED });
    await watch.next({ Retain: false });
    const id = eventId(raised['EventId']);
    expect(await status('Acknowledge', id, comment(''))).to.equal('BadConditionBranchAlreadyAcked');
    expect(await status('Confirm', id, comment(''))).to.equal('BadConditionBranchAlreadyConfirmed');
    expect(await status('AddComment', id, comment('words'))).to.equal('BadNodeIdUnknown');
    expect(await status('Acknowledge', eventId('00'.repeat(20)), comment(''))).to.equal('BadNodeIdUnknown');
  });

  it('confirm what is acknowledged, once', async () => {
    await server.raise('duress');
    const id = 'duress@A/2';
    const event = await watch.next({ ConditionId: conditionNode(id) });
    const confirm = async () =>
      (await callCondition(client, id, 'Confirm', eventId(event['EventId']), comment('done'))).statusCode
        .name;
    expect(await confirm()).to.equal('BadInvalidState');
    await callCondition(client, id, 'Acknowledge', eventId(event['EventId']), comment(''));
    expect(await confirm()).to.equal('Good');
    await watch.next({ ConditionId: conditionNode(id), Retain: false });
    expect(await confirm()).to.equal('BadConditionBranchAlreadyConfirmed');
    // This kind asks for no confirmation: it has it from the beginning.
    expect(await status('Confirm', eventId(raised['EventId']), comment(''))).to.equal('BadInvalidState');
  });

  it('take comments, in words alone', async () => {
    const id = eventId(raised['EventId']);
    expect(await status('AddComment', id, comment('Somebody is on the way.'))).to.equal('Good');
    const said = await watch.next({ ConditionId: conditionNode(FORCED), Comment: 'Somebody is on the way.' });
    expect(said).to.deep.include({ ClientUserId: 'u-admin', 'AckedState/Id': false });
    expect(said['Comment/SourceTimestamp']).to.equal(said['Time']);
    expect(await status('AddComment', id, comment(''))).to.equal('Good');
    expect(await status('AddComment', id, { dataType: DataType.Null })).to.equal('Good');
    expect(alarm()?.comment?.text).to.equal('Somebody is on the way.');
  });

  it('shelve for a time, and once', async () => {
    expect(await status('Unshelve')).to.equal('BadConditionNotShelved');
    for (const wrong of [0, -1, 12 * 3_600_000 + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await status('TimedShelve', milliseconds(wrong)), String(wrong)).to.equal(
        'BadShelvingTimeOutOfRange',
      );
    }
    expect(await status('TimedShelve', milliseconds(3_600_000))).to.equal('Good');
    const shelved = await watch.next({ 'ShelvingState/CurrentState': 'Timed Shelved' });
    expect(shelved).to.deep.include({
      'ShelvingState/CurrentState/Id': 'ns=0;i=2932',
      SuppressedOrShelved: true,
    });
    expect(await status('TimedShelve', milliseconds(1_000))).to.equal('BadConditionAlreadyShelved');
    // From one way to the other, without calling everybody in between (OPC 10000-9, 5.8.17).
    expect(await status('OneShotShelve')).to.equal('Good');
    await watch.next({ 'ShelvingState/CurrentState/Id': 'ns=0;i=2933' });
    expect(await status('OneShotShelve')).to.equal('BadConditionAlreadyShelved');
    expect(await status('TimedShelve', milliseconds(60_000))).to.equal('Good');
    expect(alarm()?.shelving).to.deep.include({ shelved: 'until' });
    expect(await status('Unshelve2', comment('enough'))).to.equal('Good');
    expect(await status('TimedShelve2', milliseconds(60_000), comment('lunch'))).to.equal('Good');
    expect(alarm()?.comment?.text).to.equal('lunch');
    expect(await status('Unshelve')).to.equal('Good');
    expect(await status('OneShotShelve2', comment('again'))).to.equal('Good');
    expect(alarm()?.shelving).to.deep.equal({ shelved: 'once' });
  });

  for (const [on, off, field] of [
    ['Suppress', 'Unsuppress', 'SuppressedState/Id'],
    ['RemoveFromService', 'PlaceInService', 'OutOfServiceState/Id'],
  ] as const) {
    it(`${on} and ${off}`, async () => {
      let from = watch.events.length;
      expect(await status(on)).to.equal('Good');
      expect(await watch.next({ [field]: true }, from)).to.deep.include({ SuppressedOrShelved: true });
      expect(await status(on)).to.equal('Good');
      from = watch.events.length;
      expect(await status(off)).to.equal('Good');
      expect(await watch.next({ [field]: false }, from)).to.deep.include({ SuppressedOrShelved: false });
      expect(await status(`${on}2`, comment('why'))).to.equal('Good');
      expect(alarm()?.comment?.text).to.equal('why');
      expect(await status(`${off}2`, comment('because'))).to.equal('Good');
      await watch.next({ Comment: 'because' });
    });
  }

  it('silence until it comes up again', async () => {
    expect(await status('Silence')).to.equal('Good');
    await watch.next({ 'SilenceState/Id': true });
    expect(await status('Silence')).to.equal('Good');
    await server.over('door-forced');
    const from = watch.events.length;
    await server.raise('door-forced');
    await watch.next({ 'SilenceState/Id': false, 'ActiveState/Id': true, BranchId: 'ns=0;i=0' }, from);
  });

  it('enable and disable, and do nothing else while disabled', async () => {
    expect(await status('Enable')).to.equal('BadConditionAlreadyEnabled');
    expect(await status('Disable')).to.equal('Good');
    await watch.next({ 'EnabledState/Id': false });
    expect(await status('Disable')).to.equal('BadConditionAlreadyDisabled');
    const id = eventId(raised['EventId']);
    const inputs: Partial<Record<MethodName, VariantOptions[]>> = {
      Acknowledge: [id, comment('')],
      Confirm: [id, comment('')],
      AddComment: [id, comment('words')],
      TimedShelve: [milliseconds(1_000)],
      OneShotShelve: [],
      Suppress: [],
      Silence: [],
      RemoveFromService: [],
    };
    for (const [method, given] of Object.entries(inputs)) {
      expect(await status(method as MethodName, ...given), method).to.equal('BadConditionDisabled');
    }
    expect(await status('Enable')).to.equal('Good');
    await watch.next({ 'EnabledState/Id': true, Retain: true });
  });

  it('find a condition as whoever called before was told', async () => {
    for (let round = 0; round < 10; round += 1) {
      expect(await status('Disable')).to.equal('Good');
      expect(await status('Silence')).to.equal('BadConditionDisabled');
      expect(await status('Enable')).to.equal('Good');
      expect(await status('Silence')).to.equal('Good');
    }
  });

  it('belong to no group, and have no latch', async () => {
    const { statusCode, outputArguments } = await call('GetGroupMemberships');
    expect(statusCode.name).to.equal('Good');
    expect(outputArguments?.[0]?.value).to.have.length(0);
    expect(await status('Reset')).to.equal('BadMethodInvalid');
  });

  it('refuse what they do not take, by argument', async () => {
    const id = eventId(raised['EventId']);
    expect(await status('Acknowledge', id)).to.equal('BadArgumentsMissing');
    expect(await status('Acknowledge', id, comment(''), comment(''))).to.equal('BadTooManyArguments');
    expect(await status('Enable', comment(''))).to.equal('BadTooManyArguments');
    expect(await status('GetGroupMemberships', comment(''))).to.equal('BadTooManyArguments');
    const wrong = await call('Acknowledge', id, { dataType: DataType.String, value: 'words' });
    expect(wrong.statusCode.name).to.equal('BadInvalidArgument');
    expect(wrong.inputArgumentResults?.map(({ name }) => name)).to.deep.equal(['Good', 'BadTypeMismatch']);
    const minutes = await call('TimedShelve', { dataType: DataType.UInt32, value: 5 });
    expect(minutes.inputArgumentResults?.map(({ name }) => name)).to.deep.equal(['BadTypeMismatch']);
  });

  it('are those of conditions and no others', async () => {
    const callOn = async (objectId: string, methodId: string) =>
      (await client.session.call({ objectId, methodId, inputArguments: [] })).statusCode.name;
    expect(await callOn('ns=1;s=alarm/door-forced@B/9', 'i=9027')).to.equal('BadNodeIdUnknown');
    expect(await callOn('ns=1;s=alarm/', 'i=9027')).to.equal('BadNodeIdUnknown');
    expect(await callOn('i=2782', 'i=9027')).to.equal('BadNodeIdInvalid');
    expect(await callOn('i=2915', 'i=16403')).to.equal('BadNodeIdInvalid');
    expect(await callOn(conditionNode(FORCED), 'i=11492')).to.equal('BadMethodInvalid');
    expect(await callOn(`${conditionNode(FORCED)}/ShelvingState`, 'i=16403')).to.equal('BadMethodInvalid');
  });

  it('are called on the object ShelvingState, and by names of an instance, as well', async () => {
    const callOn = async (objectId: string, methodId: string) =>
      (await client.session.call({ objectId, methodId, inputArguments: [] })).statusCode.name;
    const shelving = `${conditionNode(FORCED)}/ShelvingState`;
    expect(await callOn(shelving, 'i=2948')).to.equal('Good');
    expect(await callOn(shelving, `${shelving}/Unshelve`)).to.equal('Good');
    expect(await callOn(conditionNode(FORCED), `${shelving}/OneShotShelve`)).to.equal('Good');
    expect(await callOn(conditionNode(FORCED), `${conditionNode(FORCED)}/Silence`)).to.equal('Good');
    expect(await callOn(conditionNode(FORCED), `${conditionNode('lock-fault@A/2')}/Silence`)).to.equal(
      'BadMethodInvalid',
    );
  });

  it('are found by clients that take a condition for a node', async () => {
    const { session } = client;
    const node = conditionNode(FORCED);
    const found = async (path: string) => {
      const { statusCode, targets } = await session.translateBrowsePath(makeBrowsePath(node, path));
      return statusCode.isGood() ? targets?.map(({ targetId }) => targetId.toString()) : statusCode.name;
    };
    expect(await found('/Acknowledge')).to.deep.equal(['ns=0;i=9111']);
    expect(await found('/ShelvingState/TimedShelve')).to.deep.equal(['ns=0;i=2949']);
    expect(await found('/ShelvingState')).to.deep.equal([`${node}/ShelvingState`]);
    expect(await found('/Elsewhere')).to.equal('BadNoMatch');
    const { references } = await session.browse({ nodeId: node, resultMask: 63, includeSubtypes: true });
    const names = references?.map(
      ({ browseName, nodeId }) => `${browseName.name ?? ''} ${nodeId.toString()}`,
    );
    expect(names)
      .to.include('Confirm ns=0;i=9113')
      .and.include(` ${client.id('type/LockerAlarmType')}`);
    expect((await session.read({ nodeId: node, attributeId: AttributeIds.NodeClass })).value.value).to.equal(
      NodeClass.Object,
    );
    expect(
      (await session.read({ nodeId: node, attributeId: AttributeIds.DisplayName })).value.value.text,
    ).to.equal(FORCED);
    expect((await session.read({ nodeId: node, attributeId: AttributeIds.Value })).statusCode.name).to.equal(
      'BadAttributeIdInvalid',
    );
    const nowhere = await session.read({
      nodeId: conditionNode('door-forced@A/9'),
      attributeId: AttributeIds.NodeClass,
    });
    expect(nowhere.statusCode.name).to.equal('BadNodeIdUnknown');
  });

  it("are what node-opcua's client calls by itself", async () => {
    const { session } = client;
    const id = Buffer.from(String(raised['EventId']), 'hex');
    const node = resolveNodeId(conditionNode(FORCED));
    expect((await session.acknowledgeCondition(node, id, 'seen'))?.name).to.equal('Good');
    await server.raise('duress');
    const duress = await watch.next({ ConditionId: conditionNode('duress@A/2') });
    const other = Buffer.from(String(duress['EventId']), 'hex');
    const second = resolveNodeId(conditionNode('duress@A/2'));
    expect(
      (await session.acknowledgeCondition(second, other, new LocalizedText({ text: 'seen' })))?.name,
    ).to.equal('Good');
    expect((await session.confirmCondition(second, other, 'done'))?.name).to.equal('Good');
    expect((await session.addCommentCondition(node, id, 'words'))?.name).to.equal('Good');
  });

  it('do many things in one request, in order', async () => {
    await server.raise('lock-fault');
    await watch.next({ AlarmKind: 'lock-fault' });
    const results = await client.session.call(
      (['Suppress', 'Unsuppress', 'Silence'] as const).flatMap((method) =>
        [FORCED, 'lock-fault@A/2', 'lock-fault@A/9'].map((id) => ({
          objectId: conditionNode(id),
          methodId: `i=${METHODS[method]}`,
          inputArguments: [],
        })),
      ),
    );
    const each = ['Good', 'Good', 'BadNodeIdUnknown'];
    expect(results.map(({ statusCode }) => statusCode.name)).to.deep.equal([...each, ...each, ...each]);
    expect(alarm()).to.deep.include({ suppressed: false, silenced: true });
  });

  it('refuse whatever does not fit, and change nothing then', async () => {
    const input = fc.oneof(
      fc
        .uint8Array({ maxLength: 40 })
        .map((bytes) => ({ dataType: DataType.ByteString, value: Buffer.from(bytes) })),
      fc.constant({ dataType: DataType.ByteString, value: null }),
      fc.constant({
        dataType: DataType.ByteString,
        arrayType: VariantArrayType.Array,
        value: [Buffer.alloc(20)],
      }),
      fc.string().map(comment),
      fc.constant({ dataType: DataType.LocalizedText, value: null }),
      fc.constantFrom(-1, 0, Number.NaN, Number.MAX_VALUE).map(milliseconds),
      fc.integer({ min: 0, max: 9 }).map((value) => ({ dataType: DataType.UInt32, value })),
      fc.string().map((value) => ({ dataType: DataType.String, value })),
      fc.constant({ dataType: DataType.Null }),
    );
    const takesEvents = fc.constantFrom<MethodName[]>(
      'Acknowledge',
      'Confirm',
      'AddComment',
      'TimedShelve',
      'TimedShelve2',
    );
    const before = alarm();
    await fc.assert(
      fc.asyncProperty(takesEvents, fc.array(input, { maxLength: 4 }), async (method, inputs) => {
        expect(await status(method, ...inputs)).to.match(/^Bad/);
      }),
      { numRuns: 150 },
    );
    expect(alarm()).to.deep.equal(before);
  });

  it('are open to operators as far as they go everywhere', async () => {
    const operator = await server.connect(OPERATOR);
    const tried = async (method: MethodName, ...inputs: VariantOptions[]) =>
      (await callCondition(operator, FORCED, method, ...inputs)).statusCode.name;
    expect(await tried('Acknowledge', eventId(raised['EventId']), comment('seen'))).to.equal('Good');
    expect(await tried('AddComment', eventId(raised['EventId']), comment('words'))).to.equal('Good');
    expect(await tried('Silence')).to.equal('Good');
    expect(await tried('TimedShelve', milliseconds(60_000))).to.equal('Good');
    expect(await tried('Unshelve')).to.equal('Good');
    expect(await tried('OneShotShelve')).to.equal('Good');
    for (const method of [
      'Suppress',
      'Unsuppress',
      'RemoveFromService',
      'PlaceInService',
      'Disable',
    ] as const) {
      expect(await tried(method), method).to.equal('BadUserAccessDenied');
    }
    expect(alarm()).to.deep.include({ suppressed: false, outOfService: false, enabled: true });
  });
});
