import { expect } from 'chai';
import type { UserId } from '../../domain/site.ts';
import { eraseExpiredUsers } from '../../gateway/retention.ts';
import { card, GatewayAtWork } from './support/gateway-at-work.ts';
import { ADMINISTRATOR } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const DAY = 86_400_000;

describe('personal data whose time is over', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
    work = await GatewayAtWork.start(stored);
  });

  after(async () => {
    await work.stop();
    await stored.remove();
  });

  const run = (): Promise<readonly UserId[]> =>
    stored.until(
      eraseExpiredUsers({
        administration: work.people.administration,
        queries: work.gateway.queries,
        days: 30,
        now: stored.clock.now(),
      }),
    );

  it('is erased after the days that the site says, of nobody else, and not while they have something here', async () => {
    const { administration } = work.people;
    const ended = stored.clock.now() + DAY;
    const gone = await work.person('Anna', card(1));
    const recent = await work.person('Bert', card(2));
    const holder = await work.person('Carl', card(3));
    const forEver = await work.person('Dora', card(4));
    const chief = await administration.addUser(
      { name: 'Emma', roles: ['administrator'], groups: [], validUntil: ended },
      ADMINISTRATOR,
    );
    await work.serve(card(3));
    await work.closeDoor(1);
    for (const user of [gone, holder])
      await administration.changeUser(user, { validUntil: ended }, ADMINISTRATOR);
    await administration.changeUser(recent, { validUntil: ended + 5 * DAY }, ADMINISTRATOR);

    await stored.clock.advance(30 * DAY);
    expect(await run()).to.deep.equal([]);
    await stored.clock.advance(DAY);
    expect(await run()).to.deep.equal([gone]);
    const names = (await administration.users()).map(({ _id }) => _id);
    expect(names).to.have.members([recent, holder, forEver, chief]);
    expect((await work.identify(card(1))).ok).to.equal(false);
    expect((await stored.events('site')).at(-1)).to.deep.include({
      type: 'user-erased',
      actor: { kind: 'gateway', id: 'retention' },
    });
    expect(await run()).to.deep.equal([]);

    await stored.until(
      work.gateway.operate(
        { do: 'release', cabinet: 'A', compartment: 1, reason: 'left' },
        { kind: 'machine', id: 'command-line' },
      ),
    );
    expect(await run()).to.deep.equal([holder]);
  });
});
