/** The methods of a cabinet: who may call them, what they take, and what they answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  AttributeIds,
  type CallMethodResult,
  coerceNodeId,
  MessageSecurityMode,
  type OPCUAClientOptions,
  SecurityPolicy,
  StatusCodes,
  type VariantOptions,
} from 'node-opcua';
import { refusal } from '../../domain/refusals.ts';
import { LANGUAGES, textOf } from '../../domain/texts/texts.ts';
import { cabinetRoles } from '../../gateway/cabinet-permissions.ts';
import {
  CABINET_COMMANDS,
  type CabinetCommandName,
  CABINET_COMMAND_NAMES as NAMES,
} from '../../opcua-server/cabinet-command-table.ts';
import { eventually } from '../support/eventually.ts';
import { ADMINISTRATOR, OPERATOR, type TestClient } from './support/client.ts';
import { SecuredServer } from './support/secured-server.ts';

/** Those that are asked of one compartment. */
const OF_COMPARTMENTS = NAMES.filter((name) => name !== 'OpenAll');
const PLAIN: OPCUAClientOptions = {
  securityMode: MessageSecurityMode.None,
  securityPolicy: SecurityPolicy.None,
};

const number = (value: number): VariantOptions => ({ dataType: 'UInt16', value });
const text = (value: string | null): VariantOptions => ({ dataType: 'String', value });

/** Arguments with which a method can be called. */
function inputsOf(name: CabinetCommandName, reason = 'trial', compartment = 3): VariantOptions[] {
  return name === 'OpenAll' ? [text(reason)] : [number(compartment), text(reason)];
}

/** What was answered: the status, or the values that came with `Good`. */
function answerOf({ statusCode, outputArguments }: CallMethodResult): unknown[] {
  if (statusCode !== StatusCodes.Good) return [statusCode.name];
  return (outputArguments ?? []).map(({ value }) => value?.text ?? value);
}

describe('OPC UA methods of a cabinet', () => {
  let server: SecuredServer;

  const call = (client: TestClient, name: CabinetCommandName, ...inputs: VariantOptions[]) =>
    client.call('cabinet/A', name, ...(inputs.length > 0 ? inputs : inputsOf(name)));

  /** Waits until an opening of all has come to its end. */
  const ended = async (): Promise<void> => {
    server.gateway.hurry();
    await eventually('the end', () => server.gateway.allOpening('A')?.ended !== undefined);
  };

  afterEach(() => server.disconnect());

  describe('by role', () => {
    before(async () => {
      server = await SecuredServer.start({ allowAnonymous: true, allowUnencrypted: true });
    });

    after(() => server.close());

    /** What a client is told of each method, and what it gets when it calls it all the same. */
    const tried = async (client: TestClient): Promise<Record<string, unknown[]>> => {
      const found: Record<string, unknown[]> = {};
      for (const name of NAMES) {
        const executable = await client.read(`cabinet/A/${name}`, AttributeIds.UserExecutable);
        const said = executable.value.value ?? executable.statusCode.name;
        const [answer] = answerOf(await call(client, name));
        if (name === 'OpenAll' && answer === 'ok') await ended();
        found[name] = [said, answer];
      }
      return found;
    };
    const all = (...of: unknown[]) => Object.fromEntries(NAMES.map((name) => [name, of]));

    it('are the administrators’, who are told so', async () => {
      const asked = server.gateway.requests.length;
      expect(await tried(await server.connect(ADMINISTRATOR))).to.deep.equal(all(true, 'ok'));
      const requests = server.gateway.requests.slice(asked);
      const principal = { user: 'u-admin', login: 'admin', roles: ['administrator'] };
      expect(requests.map(({ request }) => request.do)).to.deep.equal([
        ...OF_COMPARTMENTS.map((name) => CABINET_COMMANDS[name].operation),
        ...Array.from({ length: 4 }, () => 'service-open'),
      ]);
      for (const { request, requester } of requests) {
        expect(requester).to.deep.equal({ kind: 'administrator', principal });
        expect(request).to.include({ cabinet: 'A', reason: 'trial' });
      }
    });

    it('are nobody else’s: no operator’s, none without a log-in, none in clear', async () => {
      const asked = server.gateway.requests.length;
      expect(await tried(await server.connect(OPERATOR)), 'operator').to.deep.equal(
        all(false, 'BadUserAccessDenied'),
      );
      expect(await tried(await server.connect()), 'anonymous').to.deep.equal(
        all(false, 'BadUserAccessDenied'),
      );
      expect(await tried(await server.connect(ADMINISTRATOR, PLAIN)), 'in clear').to.deep.equal(
        all(false, 'BadSecurityModeInsufficient'),
      );
      expect(server.gateway.requests.length).to.equal(asked);
    });

    it('are not to be had by the name that their type gives them either', async () => {
      const operator = await server.connect(OPERATOR);
      const [definition] =
        (
          await operator.session.browse({
            nodeId: operator.id('cabinet/A'),
            referenceTypeId: 'HasTypeDefinition',
            resultMask: 0x3f,
          })
        ).references ?? [];
      const type = await operator.session.browse(definition?.nodeId.toString() ?? '');
      const method = type.references?.find(({ browseName }) => browseName.name === 'Open');
      const { statusCode } = await operator.session.call({
        objectId: operator.id('cabinet/A'),
        methodId: method?.nodeId.toString() ?? '',
        inputArguments: inputsOf('Open'),
      });
      expect(statusCode).to.equal(StatusCodes.BadUserAccessDenied);
    });

    it('end with the right to them, in a session under way', async () => {
      const administrator = await server.connect(ADMINISTRATOR);
      server.gateway.withdrawn.add('admin');
      try {
        const executable = () => administrator.read('cabinet/A/Block', AttributeIds.UserExecutable);
        while ((await executable()).value.value === true) await sleep(20);
        const [answer] = answerOf(await call(administrator, 'Block'));
        expect(answer).to.equal('BadUserAccessDenied');
      } finally {
        server.gateway.withdrawn.delete('admin');
      }
    });
  });

  describe('where the site lets operators block and open all', () => {
    before(async () => {
      server = await SecuredServer.start();
      server.gateway.cabinetRoles = cabinetRoles(['block', 'open-all']);
      await server.restart();
    });

    after(() => server.close());

    it('are theirs as far as that, and they can read what to call them with', async () => {
      const operator = await server.connect(OPERATOR);
      const allowed: CabinetCommandName[] = [];
      for (const name of NAMES) {
        const { value } = await operator.read(`cabinet/A/${name}`, AttributeIds.UserExecutable);
        const [answer] = answerOf(await call(operator, name));
        expect(answer, name).to.equal(value.value ? 'ok' : 'BadUserAccessDenied');
        if (value.value) allowed.push(name);
      }
      await ended();
      expect(allowed).to.deep.equal(['Block', 'OpenAll']);
      for (const name of allowed) {
        const { inputArguments, outputArguments } = await operator.session.getArgumentDefinition(
          operator.id(`cabinet/A/${name}`),
        );
        const { inputs, outputs } = CABINET_COMMANDS[name];
        expect(inputArguments.map((each) => each.name)).to.deep.equal(inputs.map((each) => each.name));
        expect(outputArguments.map((each) => each.name)).to.deep.equal(outputs.map((each) => each.name));
      }
      const last = server.gateway.requests.at(-1);
      expect(last?.requester).to.have.nested.property('principal.user', 'u-operator');
    });
  });

  describe('called by an administrator', () => {
    let administrator: TestClient;

    before(async () => {
      server = await SecuredServer.start();
    });

    beforeEach(async () => {
      administrator = await server.connect(ADMINISTRATOR);
    });

    after(() => server.close());

    it('say in the language of the session that it is done, or why not', async () => {
      for (const language of LANGUAGES) {
        const client = await server.connect(ADMINISTRATOR, { localeIds: [language] });
        for (const name of OF_COMPARTMENTS) {
          if (name === 'Release') continue;
          expect(answerOf(await call(client, name)), name).to.deep.equal([
            'ok',
            CABINET_COMMANDS[name].done[language],
          ]);
          for (const [inputs, code, values] of [
            [inputsOf(name, ' '), 'reason-required', {}],
            [inputsOf(name, 'trial', 9), 'compartment-unknown', { cabinet: 'A', compartment: 9 }],
          ] as const) {
            expect(answerOf(await call(client, name, ...inputs)), name).to.deep.equal([
              code,
              textOf(refusal(code, values))[language],
            ]);
          }
        }
        expect(answerOf(await call(client, 'OpenAll', text('')))).to.deep.equal([
          'reason-required',
          textOf(refusal('reason-required'))[language],
          0,
        ]);
      }
    });

    it('ask for a reason where none is given at all', async () => {
      expect(answerOf(await call(administrator, 'Block', number(3), text(null)))[0]).to.equal(
        'reason-required',
      );
    });

    it('name the argument that is wrong, and ask for nothing', async () => {
      const asked = server.gateway.requests.length;
      const long = text('x'.repeat(501));
      const reason = text('trial');
      const checks = async (name: CabinetCommandName, ...inputs: VariantOptions[]) => {
        const { statusCode, inputArgumentResults } = await call(administrator, name, ...inputs);
        return [statusCode.name, ...(inputArgumentResults ?? []).map((each) => each.name)];
      };
      for (const name of OF_COMPARTMENTS) {
        for (const [inputs, expected] of [
          [
            [number(0), reason],
            ['BadInvalidArgument', 'BadOutOfRange', 'Good'],
          ],
          [
            [number(513), reason],
            ['BadInvalidArgument', 'BadOutOfRange', 'Good'],
          ],
          [
            [number(65_535), long],
            ['BadInvalidArgument', 'BadOutOfRange', 'BadOutOfRange'],
          ],
          [
            [number(3), long],
            ['BadInvalidArgument', 'Good', 'BadOutOfRange'],
          ],
          [
            [text('3'), reason],
            ['BadInvalidArgument', 'BadTypeMismatch', 'Good'],
          ],
          [
            [{ dataType: 'Int32', value: 3 }, reason],
            ['BadInvalidArgument', 'BadTypeMismatch', 'Good'],
          ],
          [
            [number(3), number(3)],
            ['BadInvalidArgument', 'Good', 'BadTypeMismatch'],
          ],
          [
            [number(3), { dataType: 'String', arrayType: 'Array', value: ['trial'] }],
            ['BadInvalidArgument', 'Good', 'BadTypeMismatch'],
          ],
        ] as [VariantOptions[], string[]][]) {
          expect(await checks(name, ...inputs), `${name} ${JSON.stringify(expected)}`).to.deep.equal(
            expected,
          );
        }
        expect((await checks(name, number(3)))[0]).to.equal('BadArgumentsMissing');
        expect((await checks(name, number(3), reason, reason))[0]).to.equal('BadTooManyArguments');
      }
      expect(await checks('OpenAll', long)).to.deep.equal(['BadInvalidArgument', 'BadOutOfRange']);
      expect(await checks('OpenAll', number(3))).to.deep.equal(['BadInvalidArgument', 'BadTypeMismatch']);
      expect((await checks('OpenAll', number(3), reason))[0]).to.equal('BadTooManyArguments');
      expect(server.gateway.requests.length).to.equal(asked);
    });

    it('are asked for nothing by arguments of any other kind', async () => {
      const scalar = fc.oneof(
        fc.constantFrom<VariantOptions>(
          { dataType: 'Null' },
          { dataType: 'Boolean', value: true },
          { dataType: 'ByteString', value: Buffer.alloc(4) },
          { dataType: 'NodeId', value: coerceNodeId('ns=1;s=cabinet/A') },
          { dataType: 'LocalizedText', value: { text: 'trial' } },
          { dataType: 'DateTime', value: new Date(0) },
        ),
        fc.integer({ min: -1, max: 600 }).map((value): VariantOptions => ({ dataType: 'Int32', value })),
        fc.double().map((value): VariantOptions => ({ dataType: 'Double', value })),
        fc.string().map(text),
      );
      const asked = server.gateway.requests.length;
      const refused = fc.asyncProperty(
        fc.constantFrom(...OF_COMPARTMENTS),
        fc.array(scalar, { maxLength: 4 }),
        async (name, inputs) => {
          const { statusCode } = await administrator.call('cabinet/A', name, ...inputs);
          expect(statusCode.name).to.match(/^Bad(InvalidArgument|ArgumentsMissing|TooManyArguments)$/);
        },
      );
      await fc.assert(refused, { numRuns: 60, endOnFailure: true });
      expect(server.gateway.requests.length).to.equal(asked);
      expect(answerOf(await call(administrator, 'Block'))[0], 'and goes on').to.equal('ok');
    });

    it('take a reason of 500 characters of any script', async () => {
      const reason = 'ż鍵\u{1F511}'.repeat(125);
      expect(answerOf(await call(administrator, 'Block', number(3), text(reason)))[0]).to.equal('ok');
      expect(server.gateway.requests.at(-1)?.request.reason).to.equal(reason);
    });

    it('are put on record and told to whoever audits, with who and what came of it', async () => {
      const { length } = server.records;
      await call(administrator, 'Unblock', ...inputsOf('Unblock', 'found the key'));
      await call(administrator, 'Empty', ...inputsOf('Empty', ''));
      const operator = await server.connect(OPERATOR);
      await call(operator, 'OpenAll');
      const calls = () =>
        server.records.slice(length).filter((event) => event.type === 'opcua-method-called');
      await eventually('three records', () => calls().length >= 3);
      expect(
        calls().map(({ actor, data }) => {
          const { method, status, result } = data as object as Readonly<Record<string, unknown>>;
          return [actor, method, status, result];
        }),
      ).to.deep.equal([
        [{ kind: 'administrator', id: 'u-admin' }, 'Unblock', 'Good', 'ok'],
        [{ kind: 'administrator', id: 'u-admin' }, 'Empty', 'Good', 'reason-required'],
        [{ kind: 'user', id: 'u-operator' }, 'OpenAll', 'BadUserAccessDenied', undefined],
      ]);
      expect(JSON.stringify(calls()), 'reasons stand with what was done').not.to.include('found the key');
    });

    it('go with their cabinet, while all of it is being opened too, and come back with it', async () => {
      const doors = Promise.withResolvers<void>();
      server.gateway.addCabinet('B', 1);
      const running = 'cabinet/B/OpenAllProgress/Running';
      await administrator.becomes(running, false);
      server.gateway.doorsMove = doors.promise;
      try {
        const begun = await administrator.call('cabinet/B', 'OpenAll', text('fire'));
        expect(answerOf(begun)[0]).to.equal('ok');
        await administrator.becomes(running, true);
        server.gateway.removeCabinet('B');
        await administrator.becomes(running, null);
      } finally {
        server.gateway.doorsMove = undefined;
        doors.resolve();
      }
      server.gateway.hurry();
      await eventually('the end', () => server.gateway.allOpening('B')?.ended !== undefined);
      const gone = await administrator.call('cabinet/B', 'OpenAll', text('fire'));
      expect(gone.statusCode).to.equal(StatusCodes.BadNodeIdUnknown);
      server.gateway.addCabinet('B', 2);
      await administrator.becomes(running, false);
      const { value } = await administrator.read('cabinet/B/OpenAllProgress/Compartments');
      expect(value.value, 'of the last opening').to.equal(1);
      server.gateway.removeCabinet('B');
    });

    it('are refused where too many are under way, but for the emergency', async () => {
      const doors = Promise.withResolvers<void>();
      server.gateway.doorsMove = doors.promise;
      const asked = server.gateway.requests.length;
      try {
        const waiting = Array.from({ length: 48 }, () => call(administrator, 'Open'));
        await eventually('48 requests', () => server.gateway.requests.length - asked === 48);
        for (const name of OF_COMPARTMENTS) {
          expect(answerOf(await call(administrator, name)), name).to.deep.equal(['BadTooManyOperations']);
        }
        const operator = await server.connect(OPERATOR);
        expect(operator.session.sessionId.isEmpty(), 'log-ins go on').to.equal(false);
        expect(answerOf(await call(administrator, 'OpenAll'))[0]).to.equal('ok');
        doors.resolve();
        const answers = (await Promise.all(waiting)).map((each) => answerOf(each)[0]);
        expect(new Set(answers)).to.deep.equal(new Set(['ok']));
      } finally {
        server.gateway.doorsMove = undefined;
        doors.resolve();
        await ended();
      }
    });
  });
});
