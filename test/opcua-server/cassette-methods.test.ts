import { expect } from 'chai';
import {
  AttributeIds,
  ClientSubscription,
  type DataValue,
  StatusCodes,
  TimestampsToReturn,
  type VariantOptions,
} from 'node-opcua';
import { eventually } from '../support/eventually.ts';
import { CASSETTE, CassetteServer } from './support/cassette-server.ts';
import { ADMINISTRATOR, type TestClient } from './support/client.ts';
import type { MemoryGateway } from './support/memory-gateway.ts';

const text = (value: string): VariantOptions => ({ dataType: 'String', value });
const minutes = (value: number): VariantOptions => ({ dataType: 'UInt16', value });

describe('OPC UA cassettes, rights and methods', () => {
  let site: CassetteServer;
  let gateway: MemoryGateway;
  let administrator: TestClient;
  let operator: TestClient;

  before(async () => {
    site = await CassetteServer.start();
    ({ gateway, administrator, operator } = site);
  });

  after(() => site?.close());

  describe('rights', () => {
    it('hide cassettes from whoever has not logged in, even where cabinets may be read', async () => {
      const stranger = await site.connect();
      try {
        expect((await stranger.read('site/Name')).statusCode).to.equal(StatusCodes.Good);
        expect([...(await stranger.browse('cassettes')).keys()]).to.deep.equal(['NodeVersion']);
        expect([...(await stranger.browse('site')).values()]).to.not.include(stranger.id(CASSETTE));
        for (const path of ['State', 'LastKey/Key', 'Supervision/Temperature/EURange']) {
          const { statusCode, value } = await stranger.read(`${CASSETTE}/${path}`);
          expect([statusCode, value.value], path).to.deep.equal([StatusCodes.BadUserAccessDenied, null]);
        }
        const refused = await stranger.call(CASSETTE, 'SelfTest', text('x'));
        expect(refused.statusCode).to.equal(StatusCodes.BadUserAccessDenied);
      } finally {
        await stranger.close();
      }
    });

    it('tell a subscription without a log-in nothing of a cassette', async () => {
      const stranger = await site.connect();
      try {
        const subscription = ClientSubscription.create(stranger.session, {
          requestedPublishingInterval: 20,
          publishingEnabled: true,
        });
        const told: DataValue[] = [];
        const item = await subscription.monitor(
          { nodeId: stranger.id(`${CASSETTE}/State`), attributeId: AttributeIds.Value },
          { samplingInterval: 0, queueSize: 10, discardOldest: true },
          TimestampsToReturn.Both,
        );
        item.on('changed', (value: DataValue) => told.push(value));
        await site.show({ phase: 'transit' }, 'State', 2);
        await eventually('a notification', () => told.length > 0);
        await site.show({}, 'State', 1);
        await subscription.terminate();
        const shown = told.map(({ statusCode, value }) => [statusCode.name, value.value]);
        expect(shown).to.deep.equal(shown.map(() => ['BadUserAccessDenied', null]));
      } finally {
        await stranger.close();
      }
    });

    it('let an operator command nothing', async () => {
      const calls = gateway.cassetteCalls.length;
      const refused = await operator.call(CASSETTE, 'SelfTest', text('routine'));
      expect(refused.statusCode).to.equal(StatusCodes.BadUserAccessDenied);
      expect(gateway.cassetteCalls.length).to.equal(calls);
    });

    it('let nobody write', async () => {
      const status = await administrator.session.write({
        nodeId: administrator.id(`${CASSETTE}/State`),
        attributeId: AttributeIds.Value,
        value: { value: { dataType: 'Int32', value: 1 } },
      });
      expect([StatusCodes.BadNotWritable, StatusCodes.BadUserAccessDenied]).to.include(status);
    });
  });

  describe('methods', () => {
    const none = [text(''), text('')];
    const commands: readonly (readonly [string, readonly VariantOptions[], object])[] = [
      ['EnterService', [text('loading'), minutes(15), ...none], { do: 'enter-service', lasts: 900_000 }],
      ['EnterService', [text('loading'), minutes(0), ...none], { do: 'enter-service' }],
      [
        'FinishService',
        [text('loaded'), { dataType: 'Boolean', value: true }],
        { do: 'finish-service', loaded: true },
      ],
      ['ResetStained', [text('new ink'), ...none], { do: 'reset-stained' }],
      ['OverrideKey', [text('lost'), ...none], { do: 'override-key' }],
      ['ConfirmKey', [text('it is me')], { do: 'confirm-key' }],
      ['BeginTest', [text('yearly')], { do: 'begin-test' }],
      ['EndTest', [text('done')], { do: 'end-test' }],
      ['SelfTest', [text('routine')], { do: 'self-test' }],
    ];
    for (const [method, inputs, command] of commands) {
      it(`${method} asks for ${JSON.stringify(command)} in the name of the administrator`, async () => {
        const result = await administrator.call(CASSETTE, method, ...inputs);
        expect([result.statusCode, result.outputArguments?.[0]?.value]).to.deep.equal([
          StatusCodes.Good,
          'ok',
        ]);
        expect(gateway.cassetteCalls.at(-1)).to.deep.equal({
          do: 'command',
          cassette: 'C/1',
          command,
          actor: { kind: 'administrator', id: 'u-admin' },
          reason: inputs[0]?.value,
        });
      });
    }

    it('hand the second person on once their password was checked', async () => {
      const inputs = [text('lost'), text('admin'), text('correct horse')];
      const result = await administrator.call(CASSETTE, 'OverrideKey', ...inputs);
      expect(result.outputArguments?.[0]?.value).to.equal('ok');
      expect(gateway.cassetteCalls.at(-1)).to.deep.include({
        second: { kind: 'administrator', id: 'u-admin' },
      });
    });

    it('speak the language of the session, done or refused', async () => {
      for (const [locale, language, done] of [
        ['pl', 'pl', 'Test zakończony.'],
        ['it-IT', 'it', 'La prova è finita.'],
        ['de', 'en', 'The test is over.'],
      ] as const) {
        const client = await site.connect(ADMINISTRATOR, {
          localeIds: [locale],
        });
        try {
          const ended = await client.call(CASSETTE, 'EndTest', text('done'));
          expect(ended.outputArguments?.[1]?.value.text).to.equal(done);
          const inputs = [text('lost'), text('operator'), text('battery staple')];
          const refused = await client.call(CASSETTE, 'OverrideKey', ...inputs);
          expect(refused.outputArguments?.map(({ value }) => value.text ?? value)).to.deep.equal([
            'not-permitted',
            gateway.cassettes.textOf({ code: 'not-permitted', values: {} })[language],
          ]);
        } finally {
          await client.close();
        }
      }
    });

    it('lock the name of a second person after several wrong passwords, one try at a time', async () => {
      const checked = gateway.passwordsChecked;
      const guesses = Array.from({ length: 8 }, (_, index) =>
        administrator.call(CASSETTE, 'ResetStained', text('guess'), text('victim'), text(`guess-${index}`)),
      );
      const results = (await Promise.all(guesses)).map(
        ({ statusCode, outputArguments }) => outputArguments?.[0]?.value ?? statusCode.name,
      );
      const wrong = Array.from({ length: 4 }, () => 'second-person-not-known');
      const locked = Array.from({ length: 4 }, () => 'BadUserAccessDenied');
      expect(results).to.deep.equal([...wrong, ...locked]);
      expect(gateway.passwordsChecked - checked).to.equal(4);
    });

    it('name the argument that is wrong', async () => {
      const long = text('x'.repeat(501));
      const password = text('p'.repeat(513));
      const { statusCode, inputArgumentResults } = await administrator.call(
        CASSETTE,
        'EnterService',
        long,
        minutes(1),
        text('operator'),
        password,
      );
      expect(statusCode).to.equal(StatusCodes.BadInvalidArgument);
      expect(inputArgumentResults?.map(({ name }) => name)).to.deep.equal([
        'BadOutOfRange',
        'Good',
        'Good',
        'BadOutOfRange',
      ]);
    });

    it('log no password', () => {
      const all = site.logged.join('\n');
      for (const secret of ['correct horse', 'battery staple', 'guess-0']) expect(all).not.to.include(secret);
    });
  });
});
