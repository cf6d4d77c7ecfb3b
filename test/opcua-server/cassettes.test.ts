import { expect } from 'chai';
import {
  AttributeIds,
  ClientSubscription,
  type DataValue,
  type LocalizedText,
  NodeClass,
  type StatusCode,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua';
import { DEFAULT_SIGNALS } from '../../domain/cassette/signal.ts';
import { CASSETTE_ENUMERATIONS } from '../../opcua-server/design/cassette-enumerations.ts';
import type { ObjectDesign, TypeDesign } from '../../opcua-server/design/design.ts';
import { membersOf } from '../../opcua-server/design/members.ts';
import { MODEL } from '../../opcua-server/design/model.ts';
import { eventually } from '../support/eventually.ts';
import { CASSETTE, CassetteServer } from './support/cassette-server.ts';
import { cassetteView, QUIET } from './support/cassette-views.ts';
import type { TestClient } from './support/client.ts';
import type { MemoryGateway } from './support/memory-gateway.ts';

/** The null DateTime of OPC UA. */
const NO_TIME = Date.UTC(1601, 0, 1);

describe('OPC UA cassettes', () => {
  let site: CassetteServer;
  let gateway: MemoryGateway;
  let operator: TestClient;

  before(async () => {
    site = await CassetteServer.start();
    ({ gateway, operator } = site);
  });

  after(() => site?.close());

  const read = (path: string): Promise<DataValue> => operator.read(`${CASSETTE}/${path}`);

  async function shownAt(path: string): Promise<unknown> {
    return (await read(path)).value.value;
  }

  async function statusOf(path: string): Promise<StatusCode> {
    return (await read(path)).statusCode;
  }

  describe('address space', () => {
    /** A node of a cassette as the model declares it. */
    interface Row {
      readonly path: string;
      readonly kind: string;
      readonly measured: boolean;
    }

    /** What the model declares below a type or object, without properties. */
    function declared(of: TypeDesign | ObjectDesign, above = ''): Row[] {
      return membersOf(MODEL, of).flatMap((member): Row[] => {
        const path = `${above}${member.browse}`;
        if (member.kind === 'method') return [{ path, kind: 'method', measured: false }];
        const type = member.type.replace(/^\w+:/, '');
        if (member.kind === 'object') {
          return [{ path, kind: `object, ${type}`, measured: false }, ...declared(member, `${path}/`)];
        }
        return [{ path, kind: `${type}${member.array ? '[]' : ''}`, measured: member.measured === true }];
      });
    }

    const cassetteType = MODEL.types.find(({ browse }) => browse === 'CassetteType');
    const rows = cassetteType ? declared(cassetteType) : [];

    /** Every node below one, by its path: objects, methods and variables, without properties. */
    async function below(name: string, path = ''): Promise<Map<string, string>> {
      const { references } = await operator.session.browse({
        nodeId: operator.id(name + path),
        referenceTypeId: 'HasComponent',
        includeSubtypes: true,
        browseDirection: 0,
        resultMask: 63,
      });
      const found = new Map<string, string>();
      for (const { browseName, nodeClass, nodeId } of references ?? []) {
        const inner = `${path}/${browseName.name}`;
        expect(nodeId.toString()).to.equal(operator.id(name + inner));
        found.set(inner.slice(1), NodeClass[nodeClass] ?? '');
        if (nodeClass === NodeClass.Object) {
          for (const [each, kind] of await below(name, inner)) found.set(each, kind);
        }
      }
      return found;
    }

    it('is found from the site, each cassette under its id', async () => {
      expect([...(await operator.browse('site')).keys()]).to.include('Cassettes');
      expect((await operator.browse('cassettes')).get('C/1')).to.equal(operator.id(CASSETTE));
      const name = await operator.read(CASSETTE, AttributeIds.DisplayName);
      expect((name.value.value as LocalizedText).text).to.equal('Drawer 1');
    });

    it('has exactly the nodes that the model declares', async () => {
      const listed = rows.map(({ path }) => path);
      expect([...(await below(CASSETTE)).keys()]).to.have.members(listed);
      expect(new Set(listed).size).to.equal(listed.length);
    });

    it('has them of the kinds that the model gives', async () => {
      const kinds: Record<string, string> = {};
      for (const [path, nodeClass] of await below(CASSETTE)) {
        const nodeId = operator.id(`${CASSETTE}/${path}`);
        if (nodeClass === 'Variable') {
          const dataType = await operator.session.read({ nodeId, attributeId: AttributeIds.DataType });
          const rank = await operator.session.read({ nodeId, attributeId: AttributeIds.ValueRank });
          const name = await operator.session.read({
            nodeId: dataType.value.value,
            attributeId: AttributeIds.BrowseName,
          });
          kinds[path] = `${name.value.value.name}${rank.value.value === 1 ? '[]' : ''}`;
        } else if (nodeClass === 'Method') kinds[path] = 'method';
        else kinds[path] = `object, ${await typeOf(nodeId)}`;
      }
      expect(kinds).to.deep.equal(Object.fromEntries(rows.map(({ path, kind }) => [path, kind])));
    });

    async function typeOf(nodeId: string): Promise<string> {
      const { references } = await operator.session.browse({
        nodeId,
        referenceTypeId: 'HasTypeDefinition',
        browseDirection: 0,
        resultMask: 63,
      });
      return references?.[0]?.browseName.name ?? '';
    }

    it('types its objects, with everything that a type declares present', async () => {
      const instances = [
        ['CassetteType', ''],
        ['CassetteSensorType', '/Sensors/Shock'],
        ['BanknoteNeutralizationType', '/BanknoteNeutralization'],
      ] as const;
      for (const [type, path] of instances) {
        expect(await typeOf(operator.id(CASSETTE + path))).to.equal(type);
        const declared = await below(`type/${type}`);
        expect(declared).to.deep.equal(await below(CASSETTE + path));
      }
    });

    it('names the numbers of its enumerations', async () => {
      const named = new Map<string, readonly string[]>();
      for (const { path, kind } of rows.filter(({ kind }) => kind.endsWith('Enumeration'))) {
        const dataType = (await operator.read(`${CASSETTE}/${path}`, AttributeIds.DataType)).value.value;
        const { references } = await operator.session.browse(dataType);
        const strings = references?.find(({ browseName }) => browseName.name === 'EnumStrings');
        const { value } = await operator.session.read({ nodeId: strings?.nodeId ?? '' });
        named.set(
          kind,
          (value.value as LocalizedText[]).map(({ text }) => text ?? ''),
        );
      }
      const designed = CASSETTE_ENUMERATIONS.map(
        ({ browse, values }) => [browse, values.map(({ name }) => name.en)] as const,
      );
      expect(Object.fromEntries(named)).to.deep.equal(Object.fromEntries(designed));
      expect(named.get('CassetteStateEnumeration')).to.deep.equal([
        'Service',
        'Rest',
        'Transit',
        'Transit with grace time',
        'Full protection',
        'Stained',
      ]);
    });

    it('measures in units', async () => {
      const units: unknown[] = [];
      for (const name of ['Temperature', 'Gas', 'Tilt', 'Light']) {
        expect(await typeOf(operator.id(`${CASSETTE}/Supervision/${name}`))).to.equal('AnalogUnitRangeType');
        const unit = (await read(`Supervision/${name}/EngineeringUnits`)).value.value;
        const range = (await read(`Supervision/${name}/EURange`)).value.value;
        units.push([unit.displayName.text, unit.unitId, range.low, range.high]);
      }
      // The codes are those of UNECE Recommendation 20, as OPC 10000-8, 5.6.3 packs them into a number.
      const code = (letters: string): number =>
        Buffer.from(letters, 'ascii').reduce((sum, each) => sum * 256 + each, 0);
      expect(units).to.deep.equal([
        ['°C', code('CEL'), -128, 127],
        ['%LEL', code('P1'), 0, 100],
        ['°', code('DD'), 0, 180],
        ['lx', code('LUX'), 0, 65_535],
      ]);
    });

    it('gives what is measured a bad status without the controller, and nothing else', async () => {
      const variables = rows.filter(({ kind }) => !/^(object|method)/.test(kind));
      await site.show({}, 'Linked', true);
      const absent = 'Supervision/Light';
      for (const { path } of variables) {
        const expected = path === absent ? StatusCodes.BadNotConnected : StatusCodes.Good;
        expect(await statusOf(path), path).to.equal(expected);
      }
      const { readings: _gone, ...unlinked } = cassetteView({ linked: false });
      gateway.showCassette(unlinked);
      await operator.becomes(`${CASSETTE}/Linked`, false);
      for (const { path, measured } of variables) {
        const expected = measured ? StatusCodes.BadNoCommunication : StatusCodes.Good;
        expect(await statusOf(path), path).to.equal(expected);
      }
      expect(await shownAt('Supervision/Temperature')).to.equal(21.5);
      expect(await shownAt('BanknoteNeutralization/State/Mode')).to.equal('fault');
      await site.show({}, 'Linked', true);
      expect(await statusOf('Supervision/Temperature')).to.equal(StatusCodes.Good);
    });
  });

  describe('values', () => {
    it('are those of the gateway, with the time of the change', async () => {
      const before = Date.now();
      await site.show(
        {
          phase: 'grace',
          subState: 'pre-alarm',
          readings: { ...QUIET, gas: 12, inMachine: false, notes: 'unknown', power: 'battery' },
          gasLevel: 'warning',
          antiGas: true,
          signal: 'grace',
          left: { grace: 59_001, transport: 3_600_000 },
          proved: ['lid', 'tilt'],
          cause: 'break-in',
          outsideArea: true,
        },
        'BanknoteNeutralization/Warnings/GasWarningLevel',
        true,
      );
      const values: Record<string, unknown> = {
        Name: 'Drawer 1',
        Mode: 2,
        State: 3,
        SubState: 1,
        InMachine: false,
        Notes: 2,
        AntiGas: true,
        StainCause: 2,
        TransportOverdue: false,
        OutsideArea: true,
        ProvedSensors: ['lid', 'tilt'],
        GraceTimeLeft: 60_000,
        ServiceTimeLeft: 0,
        TransportTimeLeft: 3_600_000,
        'Sensors/Lid/Live': true,
        'Sensors/Gas/Live': false,
        'Supervision/Battery': 0,
        'Supervision/Ink': 1,
        'Supervision/Power': 1,
        'Supervision/Stainer': 1,
        'Supervision/Gas': 12,
        'Supervision/GasLevel': 1,
        'BanknoteNeutralization/State/Mode': 'armed',
        'BanknoteNeutralization/State/Submode': 'allSafeSensorsIgnored',
        'BanknoteNeutralization/Warnings/ArmedAlarm': true,
        'BanknoteNeutralization/StorageUnit/Warning': 'alarm',
        'BanknoteNeutralization/PowerSupply/PowerInStatus': 'noPower',
      };
      for (const [path, expected] of Object.entries(values)) {
        expect(await shownAt(path), path).to.deep.equal(expected);
      }
      const { sourceTimestamp } = await read('State');
      expect(sourceTimestamp?.getTime()).to.be.within(before, Date.now());
    });

    it('keep the time of their own last change', async () => {
      await site.show({ antiGas: true }, 'State', 1);
      const { sourceTimestamp } = await read('AntiGas');
      await site.show({ antiGas: true, phase: 'transit' }, 'State', 2);
      expect((await read('AntiGas')).sourceTimestamp).to.deep.equal(sourceTimestamp);
    });

    it('give the pattern of the signal as data', async () => {
      await site.show({ signal: 'grace-soon' }, 'Signal/Pattern', 'grace-soon');
      const { steps, repeat } = DEFAULT_SIGNALS['grace-soon'];
      expect(await shownAt('Signal/Leds')).to.deep.equal(steps.map(({ led }) => led));
      expect([...((await shownAt('Signal/Tones')) as number[])]).to.deep.equal(steps.map(({ tone }) => tone));
      expect([...((await shownAt('Signal/Durations')) as number[])]).to.deep.equal(
        steps.map(({ lasts }) => lasts),
      );
      expect(await shownAt('Signal/Repeat')).to.equal(repeat);
    });

    it('change once a second while a countdown is told ten times a second', async () => {
      await site.show({ phase: 'grace', left: { grace: 3_000 } }, 'GraceTimeLeft', 3_000);
      const told: number[] = [];
      const subscription = ClientSubscription.create(operator.session, {
        requestedPublishingInterval: 20,
        publishingEnabled: true,
      });
      const item = await subscription.monitor(
        { nodeId: operator.id(`${CASSETTE}/GraceTimeLeft`), attributeId: AttributeIds.Value },
        { samplingInterval: 0, queueSize: 100, discardOldest: true },
        TimestampsToReturn.Both,
      );
      item.on('changed', ({ value }: DataValue) => told.push(value.value));
      await eventually('the first value', () => told.length > 0);
      for (let left = 3_000; left >= 0; left -= 100) {
        gateway.showCassette(cassetteView({ phase: 'grace', left: { grace: left } }));
        // Each is shown by itself, as the gateway tells them apart by time.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await eventually('the last value', () => told.at(-1) === 0);
      await subscription.terminate();
      expect(told.length).to.be.at.most(4);
      expect(told).to.deep.equal([...told].sort((a, b) => b - a));
    });

    it('tell the last key by its id, and nothing before the first', async () => {
      await site.show({ phase: 'stained' }, 'State', 5);
      expect(await shownAt('LastKey/Key')).to.equal('');
      expect(((await shownAt('LastKey/Time')) as Date).getTime()).to.equal(NO_TIME);
      const at = Date.UTC(2026, 4, 17, 8, 30);
      await site.show(
        { lastKey: { key: 'counting-room', role: 'K1', accepted: true, at } },
        'LastKey/Accepted',
        true,
      );
      expect(await shownAt('LastKey/Key')).to.equal('counting-room');
      expect(await shownAt('LastKey/Role')).to.equal('K1');
      expect(((await shownAt('LastKey/Time')) as Date).getTime()).to.equal(at);
      await site.show({ lastKey: { accepted: false, at } }, 'LastKey/Accepted', false);
      expect([await shownAt('LastKey/Key'), await shownAt('LastKey/Role')]).to.deep.equal(['', '']);
    });

    it('appear as soon as the gateway knows them', async () => {
      gateway.showCassette(cassetteView({ id: 'C2', name: 'Drawer 2', phase: 'full' }));
      await operator.becomes('cassette/C2/State', 4);
      expect([...(await operator.browse('cassettes')).keys()]).to.include.members(['C/1', 'C2']);
    });
  });
});
