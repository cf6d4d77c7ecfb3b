/** What the command line asks of cassettes and keys, over its socket, of a gateway with simulated controllers. */
import { expect } from 'chai';
import type { CassetteView } from '../../../domain/cassette/view.ts';
import type { KeyView } from '../../../gateway/cassettes/api.ts';
import type { CommandAnswer, FollowedEvent } from '../../../gateway/command-socket.ts';
import { socketPath } from '../../../gateway/data-folder.ts';
import { connectLines, type LineClient } from '../../../scripts/line-client.ts';
import { DEMO_KEYS } from '../../../simulators/demo/keys.ts';
import { DemoAtWork } from '../../simulators/demo/support/demo-at-work.ts';
import { eventually } from '../../support/eventually.ts';

const ROM = '01606CBF03000021';
const LABEL = '21 00 00 03 BF 6C 60 01';
/** The number of a key that is registered nowhere. */
const UNUSED = '016060CF030000A8';
const REASON = 'trial of the command line';
const NEW_KEY = { do: 'add-key', id: 'K7', role: 'K1', rom: ROM, cassettes: [], duress: false } as const;

describe('the command line of cassettes', () => {
  let demo: DemoAtWork;
  let client: LineClient;
  let messages: AsyncIterator<unknown>;
  let followed: FollowedEvent[];

  before(async () => {
    demo = await DemoAtWork.prepare();
    await demo.start();
    client = await connectLines(await socketPath(demo.folder, 'command'));
    messages = client.messages[Symbol.asyncIterator]();
  });

  beforeEach(() => {
    followed = [];
  });

  after(async () => {
    client.end();
    await demo.remove();
  });

  async function ask(command: object): Promise<CommandAnswer> {
    client.send(command);
    for (;;) {
      const { value } = (await messages.next()) as { readonly value: CommandAnswer | FollowedEvent };
      if ('ok' in value) return value;
      followed.push(value);
    }
  }

  async function asked<Result>(command: object): Promise<Result> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result as Result;
  }

  /** A person of the demo with a password that counts. */
  async function person(login: string): Promise<{ readonly login: string; readonly password: string }> {
    const { password: current } = await asked<{ password: string }>({ do: 'one-time-password', login });
    const next = `a long password of ${login}`;
    await asked({ do: 'change-password', login, current, next });
    return { login, password: next };
  }

  const command = (what: object, persons: object = {}): object => ({
    do: 'command-cassette',
    cassette: 'C1',
    command: what,
    reason: REASON,
    ...persons,
  });

  it('lists cassettes, and shows one', async () => {
    const { cassettes } = await asked<{ cassettes: CassetteView[] }>({ do: 'list-cassettes' });
    expect(cassettes.map(({ id, mode, phase }) => [id, mode, phase])).to.deep.equal([
      ['C1', 'outsourced', 'rest'],
      ['C2', 'internal', 'rest'],
      ['C3', 'internal-protected-zone', 'rest'],
    ]);
    const { view } = await asked<{ view: CassetteView }>({ do: 'show-cassette', cassette: 'C2' });
    expect(view.name).to.equal('Cassette 2, ATM of the branch');
    expect(await ask({ do: 'show-cassette', cassette: 'C9' })).to.deep.equal({
      ok: false,
      code: 'cassette-unknown',
      message: 'There is no cassette C9 here.',
    });
  });

  it('has a self-test made by itself, and needs a person for what opens', async () => {
    await eventually('the controller answers', () => demo.gateway.cassettes.view('C1')?.linked === true);
    expect(await ask(command({ do: 'self-test' }))).to.include({ ok: true });
    for (const what of [
      { do: 'enter-service' },
      { do: 'finish-service', loaded: true },
      { do: 'reset-stained' },
      { do: 'override-key' },
      { do: 'confirm-key' },
      { do: 'begin-test' },
    ]) {
      expect(await ask(command(what)), what.do).to.include({ ok: false, code: 'person-needed' });
    }
  });

  it('takes a person by login and password, and tells whoever follows', async () => {
    const ewa = await person('ewa');
    expect(await asked({ do: 'follow' })).to.equal('following');
    const wrong = { person: { ...ewa, password: 'wrong' } };
    expect(await ask(command({ do: 'enter-service' }, wrong))).to.include({ code: 'password-wrong' });
    const { view } = await asked<{ view: CassetteView }>(
      command({ do: 'enter-service', lasts: 60_000 }, { person: ewa }),
    );
    expect(view.phase).to.equal('service');
    expect(view.left.service).to.be.within(1, 60_000);
    const later = await asked<{ view: CassetteView }>(
      command({ do: 'finish-service', loaded: true }, { person: ewa }),
    );
    expect(later.view.phase).to.equal('rest');
    const [entered] = followed.filter(({ type }) => type === 'service-entered');
    expect(entered).to.deep.include({ stream: 'cassette/C1' }).and.not.have.property('seq');
    expect(entered?.texts?.en).to.equal(`Service begun: rest → service. Reason: ${REASON}.`);
    expect(entered?.data).to.not.have.property('armedBy');
  });

  it('wants two different persons where two are needed', async () => {
    const [ewa, paolo] = [await person('ewa'), await person('paolo')];
    const override = { do: 'override-key' };
    const asEwa = (second: object) => ask(command(override, { person: ewa, second }));
    expect(await ask(command(override, { person: ewa }))).to.include({ code: 'second-person-missing' });
    expect(await asEwa(ewa)).to.include({ code: 'second-person-same' });
    expect(await asEwa({ ...paolo, password: 'wrong' })).to.include({ code: 'second-person-not-known' });
    expect(await asEwa(paolo)).to.include({ code: 'not-armed' });
  });

  it('registers a key by its number or its label, and shows the end of it alone', async () => {
    expect(await asked({ ...NEW_KEY, rom: LABEL, validUntil: '2099-12-31' })).to.deep.equal({
      key: 'K7',
      ending: '6C60',
    });
    expect(await ask({ ...NEW_KEY, id: 'K8' })).to.include({ ok: false, code: 'credential-taken' });
    const keys = await asked<KeyView[]>({ do: 'list-keys' });
    expect(keys.map(({ id }) => id)).to.include.members(['K7', DEMO_KEYS.machine.id]);
    const known = keys.find(({ id }) => id === 'K7');
    expect(known).to.deep.include({ role: 'K1', family: 'DS1990A', ending: '6C60', revoked: false });
    expect(known?.validUntil, 'the day in Warsaw is over').to.equal(Date.parse('2099-12-31T23:00:00Z'));
    expect(JSON.stringify(keys)).to.not.include(ROM.slice(2, 14));
  });

  it('revokes a key, and takes it back', async () => {
    const revoked = async (): Promise<boolean | undefined> =>
      (await asked<KeyView[]>({ do: 'list-keys' })).find(({ id }) => id === DEMO_KEYS.spare.id)?.revoked;
    const which = { id: DEMO_KEYS.spare.id, reason: REASON };
    await asked({ do: 'revoke-key', ...which });
    expect(await revoked()).to.equal(true);
    await asked({ do: 'restore-key', ...which });
    expect(await revoked()).to.equal(false);
    expect(await ask({ do: 'revoke-key', id: 'nobody', reason: REASON })).to.include({
      code: 'credential-unknown',
    });
  });

  for (const { what, change, code } of [
    { what: 'a wrong checksum', change: { rom: '01FA525810000010' }, code: 'field-wrong' },
    { what: 'zeros', change: { rom: '0000000000000000' }, code: 'field-wrong' },
    { what: 'too few digits', change: { rom: '01606CBF0300' }, code: 'field-wrong' },
    { what: 'a cassette that is not there', change: { id: 'K9', cassettes: ['C9'] }, code: 'field-wrong' },
    { what: 'no day', change: { validUntil: 'tomorrow' }, code: 'field-wrong' },
    { what: 'no role', change: { role: 'K3' }, code: 'malformed' },
    { what: 'something more', change: { revoked: false }, code: 'malformed' },
  ]) {
    it(`registers no key with ${what}`, async () => {
      expect(await ask({ ...NEW_KEY, id: 'K9', rom: UNUSED, ...change })).to.include({ ok: false, code });
      expect((await asked<KeyView[]>({ do: 'list-keys' })).map(({ id }) => id)).to.not.include('K9');
    });
  }

  for (const malformed of [
    { do: 'show-cassette' },
    command({ do: 'fire' }),
    command({ do: 'finish-service' }),
    command({ do: 'self-test', lasts: 5 }),
    command({ do: 'self-test' }, { person: { login: 'ewa' } }),
    { ...command({ do: 'self-test' }), reason: '' },
  ]) {
    it(`does not take ${JSON.stringify(malformed)}`, async () => {
      expect(await ask(malformed)).to.include({ ok: false, code: 'malformed' });
    });
  }
});
