import { expect } from 'chai';
import type { CassetteCommand, CommandName } from '../../../domain/cassette/inputs.ts';
import { ROLES, type Role } from '../../../domain/identification.ts';
import type { IdentityReference } from '../../../gateway/api.ts';
import type { CassetteRequest, CassetteRequester } from '../../../gateway/cassettes/api.ts';
import { eventually } from '../../support/eventually.ts';
import { CassettesAtWork, ROMS } from './support/cassettes-at-work.ts';

const TESTER = { kind: 'machine', id: 'test' } as const;
const PASSWORD = 'a long enough password';
const COMMANDS: Readonly<Record<CommandName, CassetteCommand>> = {
  'self-test': { do: 'self-test' },
  'end-test': { do: 'end-test' },
  'begin-test': { do: 'begin-test' },
  'confirm-key': { do: 'confirm-key' },
  'override-key': { do: 'override-key' },
  'reset-stained': { do: 'reset-stained' },
  'enter-service': { do: 'enter-service' },
  'finish-service': { do: 'finish-service', loaded: true },
};
/** Who may, written by hand. */
const MAY: Readonly<Record<CommandName, readonly (Role | 'machine')[]>> = {
  'self-test': ['machine', 'administrator', 'master'],
  'end-test': ['machine', 'administrator', 'master'],
  'begin-test': ['administrator', 'master'],
  'confirm-key': ['administrator', 'master'],
  'override-key': ['administrator'],
  'reset-stained': ['administrator'],
  'enter-service': ['administrator', 'master'],
  'finish-service': ['administrator', 'master'],
};

describe('commands to cassettes', () => {
  let work: CassettesAtWork;
  const ids = new Map<string, string>();

  before(async () => {
    work = await CassettesAtWork.start([{ id: 'C1', mode: 'internal' }], { withDesk: true });
    const { administration } = work.started;
    for (const role of ROLES) ids.set(role, await add(role, role));
    ids.set('blocked', await add('blocked', 'administrator'));
    await administration.setUserBlocked(of('blocked'), true, TESTER);
    ids.set('second', await add('second', 'administrator'));
    const pin = { kind: 'pin', value: '471147', duress: true } as const;
    await administration.addCredential(of('administrator'), pin, TESTER);
    await work.register('K');
  });

  after(() => work.close());

  afterEach(async () => {
    const { phase } = work.view('C1');
    if (phase === 'service') await order('finish-service', administrator('administrator'));
  });

  async function add(login: string, role: Role): Promise<string> {
    const { administration } = work.started;
    const user = await administration.addUser({ name: login, login, roles: [role], groups: [] }, TESTER);
    await administration.addCredential(user, { kind: 'card', value: cardOf(login) }, TESTER);
    const issued = await administration.issueOneTimePassword(user, TESTER);
    await administration.changePassword(login, issued, PASSWORD);
    return user;
  }

  function cardOf(login: string): string {
    return Buffer.from(login).toString('hex').toUpperCase().padEnd(10, '0').slice(0, 10);
  }

  function of(login: string): string {
    return ids.get(login) ?? '';
  }

  function administrator(login: string): CassetteRequester {
    // What somebody was when they logged in counts for nothing: their rights are those of the moment.
    return { kind: 'administrator', principal: { user: of(login), login, roles: ['administrator'] } };
  }

  async function identity(kind: 'card' | 'pin', value: string): Promise<IdentityReference> {
    const { gateway } = work;
    const identified = await gateway.identify(gateway.present('desk', { kind, value }));
    if (!identified.ok) throw new Error(identified.refusal.code);
    return identified.identity;
  }

  /** What becomes of a command: `ok`, or the code of its refusal. */
  async function order(
    name: CommandName,
    requester: CassetteRequester,
    more: Partial<CassetteRequest> = {},
  ): Promise<string> {
    const request = { cassette: 'C1', command: COMMANDS[name], reason: 'Because.', ...more };
    const answer = await work.gateway.cassettes.command(request, requester);
    return answer.ok ? 'ok' : answer.refusal.code;
  }

  const machine: CassetteRequester = { kind: 'machine', id: 'flow' };
  for (const [name, may] of Object.entries(MAY) as [CommandName, (typeof MAY)[CommandName]][]) {
    it(`${name}: by ${may.join(', ')}, and by nobody else`, async () => {
      const permitted: string[] = [];
      for (const role of [...ROLES, 'blocked', 'machine'] as const) {
        const before = work.notices.length;
        const became = await order(name, role === 'machine' ? machine : administrator(role));
        if (became !== 'not-permitted' && became !== 'person-needed') permitted.push(role);
        else {
          const refused = await work.noticed('C1', ['command-refused'], before);
          expect(refused.data, 'it is on record').to.have.nested.property('refusal.code', became);
          const actor = role === 'machine' ? { kind: 'machine', id: 'flow' } : { id: of(role) };
          expect(refused.actor).to.include(actor);
        }
        if (work.view('C1').phase === 'service' && name !== 'begin-test') {
          await order('finish-service', administrator('administrator'));
        }
      }
      expect(permitted).to.have.members([...may]);
    });
  }

  it('an identity is good for one command', async () => {
    const requester = { kind: 'person', identity: await identity('card', cardOf('master')) } as const;
    expect(await order('self-test', requester)).to.equal('ok');
    expect(await order('self-test', requester)).to.equal('person-needed');
    const made = { kind: 'person', identity: 'made-up' as IdentityReference } as const;
    expect(await order('self-test', made)).to.equal('person-needed');
  });

  it('takes two different persons for what needs two', async () => {
    await work.arm('C1');
    const first = administrator('administrator');
    const login = (name: string, password = PASSWORD) =>
      ({ second: { kind: 'login', login: name, password } }) as const;
    expect(await order('override-key', first)).to.equal('second-person-missing');
    expect(await order('override-key', first, login('administrator'))).to.equal('second-person-same');
    expect(await order('override-key', first, login('second', 'a guess'))).to.equal(
      'second-person-not-known',
    );
    expect(await order('override-key', first, login('master'))).to.equal('not-permitted');
    const same = { kind: 'person', identity: await identity('card', cardOf('administrator')) } as const;
    expect(await order('override-key', first, { second: same })).to.equal('second-person-same');
    const other = { kind: 'person', identity: await identity('card', cardOf('second')) } as const;
    expect(await order('override-key', first, { second: other, reason: ' \t' })).to.equal('reason-missing');
    expect(work.view('C1').phase).to.equal('full');
    expect(await order('override-key', first, { second: other }), 'used once').to.equal(
      'second-person-not-known',
    );
    const again = { kind: 'person', identity: await identity('card', cardOf('second')) } as const;
    expect(await order('override-key', first, { second: again, reason: 'The key was lost.' })).to.equal('ok');
    expect(work.view('C1').phase).to.equal('rest');
  });

  it('is told as duress where somebody identified so', async () => {
    const before = work.notices.length;
    const requester = { kind: 'person', identity: await identity('pin', '471147') } as const;
    expect(await order('enter-service', requester)).to.equal('ok');
    const told = await work.noticed('C1', ['duress-told'], before);
    expect(told.data).to.deep.equal({ command: 'enter-service' });
    expect(told.alarm).not.to.equal(undefined);
    expect(work.view('C1').phase, 'it is silent').to.equal('service');
  });

  it('keeps a reason as far as a record can hold it', async () => {
    const reasons = [
      ['half a character \ud83d at its end \ud83d', 'half a character \ufffd at its end \ufffd'],
      [`${'x'.repeat(499)}\u{1f511}`, `${'x'.repeat(499)}\ufffd`],
      [`  ${'y'.repeat(600)}`, 'y'.repeat(500)],
      ['\0\u202e', '\0\u202e'],
    ] as const;
    for (const [reason, kept] of reasons) {
      const before = work.notices.length;
      expect(await order('enter-service', administrator('master'), { reason })).to.equal('ok');
      const { data } = await work.noticed('C1', ['service-entered'], before);
      expect(data).to.have.property('reason', kept);
      expect(await order('finish-service', administrator('master'))).to.equal('ok');
    }
    await work.gateway.cassettes.area('C1', false, `${'z'.repeat(99)}\u{1f511}`);
    await work.gateway.cassettes.area('C1', true, '');
    await work.shipped();
    expect((await work.stored('C1')).map(({ type }) => type)).to.include('area-left');
  });

  it('ends service at once where its time is none', async () => {
    for (const lasts of [Number.NaN, -1, 0]) {
      const before = work.notices.length;
      const command = { do: 'enter-service', lasts } as const;
      expect(await order('enter-service', administrator('master'), { command })).to.equal('ok');
      const finished = await work.noticed('C1', ['service-finished'], before);
      expect(finished.data).to.have.property('by', 'time');
    }
    const command = { do: 'enter-service', lasts: Number.POSITIVE_INFINITY } as const;
    expect(await order('enter-service', administrator('master'), { command })).to.equal('ok');
    expect(work.view('C1').left.service).to.be.at.most(30 * 60_000);
  });

  it('is refused for a cassette that there is not', async () => {
    const more = { cassette: 'C9' };
    expect(await order('self-test', machine, more)).to.equal('cassette-unknown');
    expect(await work.gateway.cassettes.area('C9', true, 'test')).to.have.nested.property(
      'refusal.code',
      'cassette-unknown',
    );
  });

  it('takes a key that was held to a reader of the site, once, and no card in its place', async () => {
    const { cassettes } = work.gateway;
    const key = work.gateway.present('desk', { kind: 'ibutton', value: ROMS.K });
    work.simulator('C1').insert();
    await eventually('it is in the machine', () => work.view('C1').readings?.inMachine === true);
    await eventually('it can fire', () => work.view('C1').readings?.stainer === 'ready');
    const armed = await cassettes.touch('C1', key);
    expect(armed).to.have.nested.property('view.phase', 'full');
    expect(await cassettes.touch('C1', key)).to.have.nested.property('refusal.code', 'presentation-expired');
    const card = work.gateway.present('desk', { kind: 'card', value: cardOf('administrator') });
    expect(await cassettes.touch('C1', card)).to.have.nested.property('refusal.code', 'not-a-key');
    const unknown = work.gateway.present('desk', { kind: 'ibutton', value: ROMS.K2 });
    expect(await cassettes.touch('C1', unknown)).to.have.nested.property('ok', false);
    expect(work.view('C1').phase).to.equal('full');
  });
});
