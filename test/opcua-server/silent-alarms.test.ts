import { expect } from 'chai';
import { MessageSecurityMode, SecurityPolicy } from 'node-opcua';
import type { AlarmSource } from '../../domain/alarms/alarm.ts';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import { notificationOf } from '../../opcua-server/conditions/condition-id.ts';
import { eventually } from '../support/eventually.ts';
import { AlarmServer, FORCED } from './support/alarm-server.ts';
import { ADMINISTRATOR, OPERATOR } from './support/client.ts';
import type { EventWatch, Received } from './support/event-watch.ts';
import { hashNumber } from './support/memory-gateway.ts';

const IN_CLEAR = { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None };
const OTHER_DOOR: AlarmSource = { source: 'compartment', cabinet: 'A', compartment: 1 };

/** Everybody who may not learn that somebody is being forced. */
const STRANGERS = [
  { who: 'without a log-in', user: undefined, options: {} },
  { who: 'without a log-in, in clear', user: undefined, options: IN_CLEAR },
  { who: 'logged in, in clear', user: ADMINISTRATOR, options: IN_CLEAR },
] as const;

/** What people ask for, as it is logged with or without a threat. */
const ASKED: readonly object[] = [
  { type: 'access-refused', data: { reason: 'no-right', user: 'u-17', credential: 'credential-1' } },
  {
    type: 'compartment-granted',
    data: { compartment: 2, grant: 'g-1', allocation: 'existing', user: 'u-17' },
  },
];

describe('what is silent', () => {
  let server: AlarmServer;

  before(async () => {
    server = await AlarmServer.start({ allowAnonymous: true, allowUnencrypted: true });
  });

  afterEach(() => server.clear());

  after(() => server.close());

  const happens = (event: object, threatened: boolean) => {
    const { data } = event as { readonly data: object };
    server.server.gateway.append('A', {
      ...event,
      actor: GATEWAY,
      data: { ...data, ...(threatened && { duress: true }) },
    } as unknown as CabinetEvent);
  };
  /** What happens is sent while somebody listens: the other thread has to know of it first. */
  const heard = (watch: EventWatch) =>
    eventually('somebody is told', () => {
      if (watch.events.length === 0)
        happens({ type: 'compartment-emptied', data: { compartment: 1, reason: 'a check' } }, false);
      return watch.events.length > 0;
    });

  for (const { who, user, options } of STRANGERS) {
    it(`leaves no gap in the numbers of alarms, ${who}`, async () => {
      const { watch } = await server.watch(user, {}, options);
      await server.raise('door-forced');
      await server.over('door-forced');
      await server.raise('duress');
      await server.raise('door-forced');
      await server.raise('door-forced', OTHER_DOOR);
      await watch.next({ ConditionName: 'door-forced', SourceName: 'Cabinet A/1' });
      const told = watch.alarms;
      const branches = told.filter(({ BranchId }) => BranchId !== 'ns=0;i=0');
      expect(branches).to.have.length(1);
      for (const { EventId, BranchId, Compartment } of told) {
        const id = Buffer.from(String(EventId), 'hex');
        expect(notificationOf(`door-forced@A/${String(Compartment)}`, id)).to.equal(undefined);
        expect(BranchId).not.to.match(/#\d+$/);
      }
      expect(new Set(told.map(({ EventId }) => EventId)).size, 'ids of their own').to.equal(told.length);
      const again = await watch.refresh();
      const branch = again.find(({ BranchId }) => BranchId !== 'ns=0;i=0');
      expect(branch?.['BranchId']).to.equal(branches[0]?.['BranchId']);
      const trunk = again.find(({ SourceName }) => SourceName === 'Cabinet A/1');
      expect(trunk?.['EventId']).to.equal(told.at(-1)?.['EventId']);
    });

    it(`looks like what is asked for freely, ${who}`, async () => {
      const { watch } = await server.watch(user, {}, options);
      const { watch: operator } = await server.watch(OPERATOR);
      await heard(watch);
      await heard(operator);
      const from = watch.events.length;
      for (const event of ASKED) {
        happens(event, false);
        happens(event, true);
      }
      const seen = (): readonly Received[] =>
        watch.events
          .slice(from)
          .filter(({ Type }) => ASKED.some((each) => 'type' in each && each.type === Type));
      await eventually('all of them', () => seen().length === 2 * ASKED.length);
      const known = ({ EventId: _id, Time: _time, ...rest }: Received) => rest;
      for (const [index] of ASKED.entries()) {
        const [free, forced] = seen().slice(2 * index, 2 * index + 2) as [Received, Received];
        expect(known(forced)).to.deep.equal(known(free));
      }
      // The hash of an event depends on those before it, and on what is withheld here.
      const { Sequence } = await operator.next({ Type: 'compartment-granted', Severity: 1000 });
      await operator.next({ EventId: hashNumber(Number(Sequence)) });
      const ids = seen().map(({ EventId }) => String(EventId));
      expect(new Set(ids).size, 'ids of their own').to.equal(ids.length);
      const hashes = new Set(operator.events.map(({ EventId }) => EventId));
      expect(ids.filter((id) => hashes.has(id))).to.deep.equal([]);
    });
  }

  it('is acknowledged by an operator with the id that tells which occurrence it was', async () => {
    const { watch } = await server.watch(OPERATOR);
    await server.raise('door-forced');
    const { EventId } = await watch.next({ ConditionName: 'door-forced' });
    const id = Buffer.from(String(EventId), 'hex');
    expect(notificationOf(FORCED, id)?.occurrence).to.equal(server.alarms.alarm(FORCED)?.current.number);
  });
});
