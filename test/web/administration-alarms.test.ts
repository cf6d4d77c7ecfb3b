import { expect } from 'chai';
import type { AlarmChange, AlarmDone } from '../../gateway/api.ts';
import { eventually } from '../support/eventually.ts';
import { ApiClient, alarmIn, alarmsIn, failureIn } from './support/api-client.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

const forced = (compartment: number): string => `door-forced@A/${compartment}`;

describe('Alarms over the administration API', () => {
  let site: PanelSite;
  let administrator: ApiClient;
  let operator: ApiClient;

  before(async () => {
    site = await PanelSite.start();
    administrator = await ApiClient.of(site, 'administrator');
    operator = await ApiClient.of(site, 'operator');
  });

  after(() => site?.close());

  const isActive = (id: string): boolean => {
    const alarm = site.gateway.alarms.alarm(id);
    return alarm !== undefined && alarm.current.ended === undefined;
  };

  /** Somebody opens doors by force. */
  async function force(...compartments: readonly number[]): Promise<void> {
    for (const compartment of compartments) site.board.setDoor(compartment - 1, true);
    await eventually('the alarms', () => compartments.every((each) => isActive(forced(each))));
  }

  /** Somebody closes all doors, and has seen everything. */
  async function calm(): Promise<void> {
    for (let compartment = 1; compartment <= 4; compartment += 1) site.board.setDoor(compartment - 1, false);
    const { alarms } = site.gateway;
    await eventually('nothing is active', () => alarms.list().every(({ id }) => !isActive(id)));
    for (const { id } of alarms.list()) await alarms.command({ do: 'acknowledge', alarm: id }, ACTOR);
    expect(alarms.list()).to.deep.equal([]);
  }

  describe('are listed', () => {
    before(() => force(1, 2, 3));
    after(calm);

    it('the oldest first among those that are as urgent, for administrators and operators', async () => {
      for (const client of [administrator, operator]) {
        const reply = await client.ask('/alarms');
        const ids = alarmsIn(reply).map(({ id }) => id);
        expect([...ids].sort()).to.deep.equal([1, 2, 3].map(forced));
        expect(reply.body).to.deep.include({ total: 3 });
        expect(reply.body).to.not.have.property('next');
        expect(reply.headers.get('cache-control')).to.equal('no-store');
        expect(reply.headers.get('access-control-allow-origin')).to.equal(null);
      }
    });

    it('page by page', async () => {
      const seen: string[] = [];
      let after = '';
      do {
        const reply = await operator.ask(`/alarms?limit=1${after && `&after=${after}`}`);
        seen.push(...alarmsIn(reply).map(({ id }) => id));
        expect(reply.body['total']).to.equal(3);
        after = (reply.body['next'] as string | undefined) ?? '';
      } while (after !== '' && seen.length < 9);
      expect([...seen].sort()).to.deep.equal([1, 2, 3].map(forced));
    });

    it('by what they are about, and how urgent they are', async () => {
      const count = async (query: string): Promise<number> =>
        alarmsIn(await operator.ask(`/alarms?${query}`)).length;
      expect(await count('severity=850')).to.equal(3);
      expect(await count('severity=851')).to.equal(0);
      expect(await count('source=compartment&cabinet=A')).to.equal(3);
      expect(await count('source=cassette')).to.equal(0);
      expect(await count('cabinet=B')).to.equal(0);
      expect(await count('cassette=A')).to.equal(0);
    });

    it('with those that are set apart only where they are asked for', async () => {
      await administrator.handles(forced(2), 'disable', { comment: 'a new lock is built in' });
      const ids = async (query: string): Promise<string[]> =>
        alarmsIn(await operator.ask(`/alarms${query}`))
          .map(({ id }) => id)
          .sort();
      expect(await ids('')).to.deep.equal([1, 3].map(forced));
      expect(await ids('?which=retained')).to.deep.equal([1, 3].map(forced));
      expect(await ids('?which=all')).to.deep.equal([1, 2, 3].map(forced));
      await administrator.handles(forced(2), 'enable');
    });

    it('and refused where the query is not understood', async () => {
      const wrong = [
        'severity=high',
        'severity=0',
        'severity=1001',
        'severity=1&severity=2',
        'which=some',
        'source=door',
        'limit=0',
        'limit=501',
        'cabinet=',
        `cabinet=${'x'.repeat(129)}`,
        'after=',
        'after=next',
        `after=${Buffer.from('[1,2]').toString('base64url')}`,
        `after=${Buffer.from('{"a":1}').toString('base64url')}`,
        'after=%FF',
        'colour=red',
        'cabinet[id]=A',
        '__proto__[limit]=1',
      ];
      for (const query of wrong) {
        const reply = await operator.ask(`/alarms?${query}`);
        if (query.startsWith('__proto__')) expect(reply.status).to.equal(200);
        else expect(failureIn(reply), query).to.equal('400 malformed');
      }
    });

    it('one by one, by their id', async () => {
      const alarm = alarmIn(await operator.ask(`/alarms/${encodeURIComponent(forced(3))}`));
      expect(alarm).to.deep.include({
        id: forced(3),
        kind: 'door-forced',
        source: { source: 'compartment', cabinet: 'A', compartment: 3 },
        severity: 850,
        text: 'Compartment 3 of cabinet A: the door was opened without a right to.',
      });
      const unknown = await operator.ask(`/alarms/${encodeURIComponent(forced(9))}`);
      expect(failureIn(unknown)).to.equal('404 alarm-unknown');
      expect(unknown.body['values']).to.deep.equal({ alarm: forced(9) });
      expect(failureIn(await operator.ask('/alarms/door-forced@A/3')), 'not encoded').to.equal(
        '404 not-found',
      );
      expect(failureIn(await operator.ask('/alarms/%E0%A4%A'))).to.equal('400 malformed');
    });

    it('in the language that is asked for', async () => {
      for (const [asked, language] of [
        ['pl-PL,en;q=0.5', 'pl'],
        ['it', 'it'],
        ['de, it;q=0.8', 'it'],
        ['de', 'en'],
        ['*', 'en'],
      ] as const) {
        const path = `/alarms/${encodeURIComponent(forced(1))}`;
        const reply = await operator.ask(path, { headers: { 'Accept-Language': asked } });
        const view = site.gateway.alarms.alarm(forced(1));
        expect(alarmIn(reply).text, asked).to.equal(view?.text[language]);
        expect(reply.headers.get('content-language')).to.equal(language);
        expect(reply.headers.get('vary')).to.match(/accept-language/i);
      }
    });
  });

  describe('are handled', () => {
    beforeEach(() => force(1));
    afterEach(calm);

    it('as anywhere else: whoever acknowledges here has acknowledged everywhere', async () => {
      const changes: AlarmChange[] = [];
      const stop = site.gateway.alarms.onChange((change) => void changes.push(change));
      const alarm = await operator.handles(forced(1), 'acknowledge', { comment: 'on my way' });
      stop();
      expect(alarm.current).to.include({ acknowledged: true });
      expect(alarm.comment).to.deep.include({
        text: 'on my way',
        actor: { kind: 'user', id: operator.user },
      });
      expect(changes.map(({ event }) => event.type)).to.deep.equal(['alarm-acknowledged']);
      expect(changes[0]?.event).to.deep.include({ actor: { kind: 'user', id: operator.user } });
      expect(site.gateway.alarms.alarm(forced(1))?.current.acknowledged).to.equal(true);
      expect(await administrator.isRefused(forced(1), 'acknowledge')).to.equal('409 already-acknowledged');
    });

    it('and what is done elsewhere is seen here', async () => {
      const requester = { kind: 'machine', id: 'flow:1' } as const;
      const done = await site.gateway.alarms.command({ do: 'acknowledge', alarm: forced(1) }, requester);
      expect((done as AlarmDone).alarm.current.acknowledged).to.equal(true);
      const seen = alarmIn(await operator.ask(`/alarms/${encodeURIComponent(forced(1))}`));
      expect(seen.current.acknowledged).to.equal(true);
    });

    it('in every way that there is', async () => {
      expect((await operator.handles(forced(1), 'comment', { comment: 'a fox' })).comment?.text).to.equal(
        'a fox',
      );
      const shelved = await operator.handles(forced(1), 'shelve', { minutes: 1.5, comment: 'for a while' });
      expect(shelved).to.deep.include({ retained: true, calls: false });
      expect(shelved.shelving?.shelved).to.equal('until');
      const { at } = shelved.comment as unknown as { readonly at: string };
      expect(Date.parse(shelved.shelving?.until ?? '') - Date.parse(at)).to.equal(90_000);
      expect(await operator.isRefused(forced(1), 'shelve', { minutes: 2 })).to.equal('409 already-shelved');
      expect(await operator.handles(forced(1), 'unshelve')).to.not.have.property('shelving');
      expect((await operator.handles(forced(1), 'shelve-once')).shelving).to.deep.equal({ shelved: 'once' });
      await operator.handles(forced(1), 'unshelve', {});
      expect(await operator.isRefused(forced(1), 'unshelve')).to.equal('409 not-shelved');
      expect(await operator.handles(forced(1), 'silence')).to.include({ silenced: true });
      for (const [command, field, value] of [
        ['suppress', 'suppressed', true],
        ['release', 'suppressed', false],
        ['take-out', 'outOfService', true],
        ['put-back', 'outOfService', false],
        ['disable', 'enabled', false],
        ['enable', 'enabled', true],
      ] as const) {
        expect(await operator.isRefused(forced(1), command), command).to.equal('403 not-permitted');
        const alarm = await administrator.handles(forced(1), command, { comment: command });
        expect(alarm, command).to.deep.include({ [field]: value });
        expect(await administrator.isRefused(forced(1), command), command).to.equal('409 already-so');
      }
      const { number } = (await operator.handles(forced(1), 'acknowledge')).current;
      expect(await operator.isRefused(forced(1), 'confirm', { number })).to.equal('409 already-confirmed');
    });

    it('by the number of an occurrence', async () => {
      const first = site.gateway.alarms.alarm(forced(1))?.current.number ?? 0;
      site.board.setDoor(0, false);
      await eventually('it is over', () => !isActive(forced(1)));
      await force(1);
      expect(site.gateway.alarms.alarm(forced(1))?.current.number).to.be.greaterThan(first);
      const alarm = await operator.handles(forced(1), 'acknowledge', { number: first });
      expect(alarm.current.acknowledged, 'the one of the moment waits').to.equal(false);
      expect(await operator.isRefused(forced(1), 'acknowledge', { number: first })).to.equal(
        '404 occurrence-unknown',
      );
    });

    it('and not where a body is not what the command takes: nothing is done then', async () => {
      const { revision } = site.gateway.alarms.alarm(forced(1)) ?? {};
      const wrong: readonly (readonly [command: string, body: unknown])[] = [
        ['acknowledge', { number: '1' }],
        ['acknowledge', { number: 0 }],
        ['acknowledge', { number: 1.5 }],
        ['acknowledge', { comment: 7 }],
        ['acknowledge', { comment: '' }],
        ['acknowledge', { comment: 'x'.repeat(501) }],
        ['acknowledge', { minutes: 5 }],
        ['acknowledge', { do: 'disable' }],
        ['acknowledge', { alarm: forced(2) }],
        ['acknowledge', []],
        ['acknowledge', '"acknowledge"'],
        ['acknowledge', '{"comment":'],
        ['acknowledge', 'null'],
        ['comment', {}],
        ['comment', undefined],
        ['comment', { comment: '   ' }],
        ['shelve', {}],
        ['shelve', { minutes: 0 }],
        ['shelve', { minutes: -5 }],
        ['shelve', { minutes: '5' }],
        ['shelve', { minutes: null }],
        ['shelve', { lasts: 5 }],
        ['shelve-once', { minutes: 5 }],
        ['disable', { comment: ['a'] }],
      ];
      for (const [command, body] of wrong) {
        const failure = await administrator.isRefused(forced(1), command, body);
        expect(failure, `${command} ${JSON.stringify(body)}`).to.be.oneOf([
          '400 malformed',
          '400 comment-missing',
        ]);
      }
      const address = `/alarms/${encodeURIComponent(forced(1))}/acknowledge`;
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
      expect(failureIn(await administrator.post(address, 'comment=x', form))).to.equal('400 malformed');
      const text = { 'Content-Type': 'text/plain' };
      expect(failureIn(await administrator.post(address, '{}', text))).to.equal('400 malformed');
      const large = JSON.stringify({ comment: 'x'.repeat(9_000) });
      expect(failureIn(await administrator.post(address, large))).to.equal('413 malformed');
      expect(await administrator.isRefused(forced(1), 'shelve', { minutes: 721 })).to.equal(
        '422 shelving-too-long',
      );
      expect(await administrator.isRefused(forced(1), 'explode')).to.equal('404 not-found');
      expect(await administrator.isRefused(forced(1), '__proto__')).to.equal('404 not-found');
      expect(await administrator.isRefused(forced(1), 'constructor')).to.equal('404 not-found');
      expect(failureIn(await administrator.ask(address))).to.equal('404 not-found');
      expect(site.gateway.alarms.alarm(forced(1))?.revision).to.equal(revision);
    });

    it('and what is wrong is told by its field, without a word of what was sent', async () => {
      const address = `/alarms/${encodeURIComponent(forced(1))}/acknowledge`;
      const reply = await administrator.post(address, { comment: 'secret '.repeat(100) });
      expect(reply.body['text']).to.contain('body.comment').and.to.not.contain('secret');
      const polish = await administrator.post(address, { comment: '' }, { 'Accept-Language': 'pl' });
      expect(polish.body['text']).to.match(/^Żądanie jest niezrozumiałe: /);
    });

    it('and refusals are told in the language that is asked for', async () => {
      await operator.handles(forced(1), 'acknowledge');
      const address = `/alarms/${encodeURIComponent(forced(1))}/acknowledge`;
      const texts = new Set<unknown>();
      for (const language of ['en', 'pl', 'it']) {
        const { status, body } = await operator.post(address, {}, { 'Accept-Language': language });
        expect(status).to.equal(409);
        texts.add(body['text']);
      }
      expect(texts.size).to.equal(3);
    });
  });

  describe('when all is done', () => {
    it('leave no token and no comment in what the operator of this computer is told', () => {
      expect(site.notices.join('\n')).to.not.contain(operator.token).and.to.not.contain('secret');
    });
  });
});
