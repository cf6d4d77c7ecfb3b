/** The first start of the demo site from an empty data folder, and the ones that follow. */
import { expect } from 'chai';
import { DemoConnection } from '../../../scripts/demo/connection.ts';
import { story as mode3 } from '../../../scripts/demo/stories/mode-3.ts';
import { DEMO_KEYS } from '../../../simulators/demo/keys.ts';
import { credentialsOf, DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { eventually } from '../../support/eventually.ts';
import { DemoAtWork } from './support/demo-at-work.ts';

const MULTIMETER = 'E28011700000020B1A2C3D02';
const ACTOR = { kind: 'machine', id: 'test' } as const;

describe('a start of the demo site', () => {
  let demo: DemoAtWork;

  beforeEach(async () => {
    demo = await DemoAtWork.prepare();
    await demo.start();
  });

  afterEach(() => demo.remove());

  async function again(): Promise<void> {
    await demo.stop();
    await demo.start();
  }

  async function people(): Promise<object[]> {
    const users = await demo.administration.users();
    return users.map(({ _id, name, login, roles, groups }) => ({ _id, name, login, roles, groups }));
  }

  /** By compartment of cabinet C, the names of the items that lie there. */
  async function tools(): Promise<Record<number, string>> {
    const names = new Map((await demo.administration.items()).map(({ id, name }) => [id, name]));
    const { compartments = [] } = demo.gateway.cabinet('C') ?? {};
    return Object.fromEntries(
      compartments.flatMap(({ number, contents }) =>
        contents.length === 0 ? [] : [[number, contents.map(({ item }) => names.get(item ?? '')).join()]],
      ),
    );
  }

  async function laidOut(): Promise<void> {
    const { gateway } = demo;
    await eventually('three tools lie in cabinet C', () =>
      [1, 2, 3].every((number) => gateway.cabinet('C')?.compartments[number - 1]?.contents.length === 1),
    );
  }

  it('has one cabinet for each mode, people and tools the first time', async () => {
    expect(demo.gateway.cabinets().map(({ setting: { id, schema } }) => [id, schema])).to.deep.equal([
      ['A', '2.2'],
      ['B', '1.1'],
      ['C', '3.2'],
      ['D', '4.2'],
      ['E', '5.2'],
      ['F', '6.3'],
    ]);
    const known = await demo.administration.users();
    for (const { login, name } of Object.values(DEMO_PEOPLE)) {
      expect(known.find((user) => user.login === login)?.name).to.equal(name);
    }
    expect(known).to.have.length(Object.keys(DEMO_PEOPLE).length + 1);
    await laidOut();
    expect(await tools()).to.deep.equal({ 1: 'Torque wrench', 2: 'Multimeter', 3: 'Thermal camera' });
    expect(demo.notices).to.deep.equal([]);
  });

  it('finds people and tools there the second time, and records nothing new of them', async () => {
    await laidOut();
    const [before, seen] = [await people(), await tools()];
    const counted = await recorded();
    await again();
    expect(await people()).to.deep.equal(before);
    expect(await tools()).to.deep.equal(seen);
    expect(await recorded()).to.equal(counted);
    expect(demo.notices).to.deep.equal([]);
  });

  it('has a cassette for each mode, and its keys', async () => {
    const cassettes = demo.gateway.cassettes.list();
    expect(cassettes.map(({ id, mode, phase }) => [id, mode, phase])).to.deep.equal([
      ['C1', 'outsourced', 'rest'],
      ['C2', 'internal', 'rest'],
      ['C3', 'internal-protected-zone', 'rest'],
    ]);
    await eventually('every controller is paired', () =>
      demo.gateway.cassettes.list().every(({ linked }) => linked),
    );
    expect(demo.administration.cassetteKeys.list().map(({ id }) => id)).to.deep.equal(
      Object.values(DEMO_KEYS).map(({ id }) => id),
    );
  });

  it('leaves an armed cassette in the machine, armed', async () => {
    const ready = (): boolean => demo.gateway.cassettes.view('C2')?.readings?.selfTest === 'passed';
    const inMachine = (): boolean => demo.gateway.cassettes.view('C2')?.readings?.inMachine === true;
    const phase = () => demo.gateway.cassettes.view('C2')?.phase;
    await eventually('it has tested itself', ready);
    const devices = await DemoConnection.open(demo.folder);
    await devices.act({ do: 'cassette', cassette: 'C2', act: 'put-into-machine' });
    await eventually('it is in the machine', inMachine);
    await devices.act({ do: 'cassette', cassette: 'C2', act: 'touch-key', value: DEMO_KEYS.branch.rom });
    await eventually('it is armed', () => phase() === 'full');
    await devices.act({ do: 'cassette', cassette: 'C2', act: 'leave-key' });
    devices.close();
    await again();
    expect(phase()).to.equal('full');
    await eventually('its controller answers', () => demo.gateway.cassettes.view('C2')?.linked === true);
    await eventually('it is in the machine still', inMachine);
    expect(phase()).to.equal('full');
    expect(demo.administration.cassetteKeys.list()).to.have.length(Object.keys(DEMO_KEYS).length);
    expect(demo.notices).to.deep.equal([]);
  });

  it('leaves what somebody has borrowed with them, to be brought back', async () => {
    await laidOut();
    const place = { cabinet: 'C', compartment: 2 } as const;
    const { gateway } = demo;
    const connection = await DemoConnection.open(demo.folder, 'panel-C');
    await connection.act({
      do: 'present-card',
      card: DEMO_PEOPLE.giulia.card,
      reader: 'card-reader-C',
    });
    await eventually('a choice', () => gateway.panel('panel-C')?.prompt.code === 'choose-compartment');
    await gateway.answer('panel-C', { answer: 'compartment', compartment: 2 });
    await eventually('the door is open', () => gateway.cabinet('C')?.compartments[1]?.door === 'open');
    await connection.act({ do: 'take-item', tag: MULTIMETER, ...place });
    await connection.act({ do: 'door', open: false, ...place });
    await eventually('it is lent', () => gateway.cabinet('C')?.loans.length === 1);
    connection.close();
    await again();
    expect(demo.gateway.cabinet('C')?.loans).to.have.length(1);
    expect(await tools()).to.deep.equal({ 1: 'Torque wrench', 3: 'Thermal camera' });
    const lines = await demo.play(mode3);
    expect(lines[2]).to.match(/^person {4}Giulia brings it back/);
    expect(await tools()).to.deep.equal({ 1: 'Torque wrench', 2: 'Multimeter', 3: 'Thermal camera' });
    expect(demo.notices).to.deep.equal([]);
  });

  it('adds who is missing, and leaves a card where it went meanwhile', async () => {
    const marek = (await demo.administration.users()).find(({ login }) => login === 'marek');
    await demo.administration.eraseUser(marek?._id ?? '', ACTOR);
    const [card] = credentialsOf(DEMO_PEOPLE.anna);
    const anna = (await demo.administration.users()).find(({ login }) => login === 'anna');
    await demo.administration.eraseUser(anna?._id ?? '', ACTOR);
    const heir = { name: 'Heir', roles: ['defined'], groups: [] } as const;
    await demo.administration.addUser(heir, ACTOR, card ? [card] : []);
    await again();
    const logins = (await demo.administration.users()).map(({ login }) => login);
    expect(logins).to.include('marek').and.not.include('anna');
  });

  async function recorded(): Promise<number> {
    const types = ['user-added', 'credential-added', 'item-added', 'item-placed', 'item-removed'];
    const page = await demo.gateway.queries.events({ types, limit: 1_000 });
    return page.ok ? page.events.length : 0;
  }
});
