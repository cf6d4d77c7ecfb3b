import { expect } from 'chai';
import type { Right } from '../../domain/rights.ts';
import { overlap } from '../../gateway/administration/overlap.ts';
import type { NewRight } from '../../gateway/administration/rights.ts';
import { AdministrationError } from '../../gateway/administration.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const HOURS = [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' }] as const;

describe('the administration of rights', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    const anna = { name: 'Anna', roles: ['defined'], groups: ['staff'] } as const;
    user = await people.administration.addUser(anna, ADMINISTRATOR);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  it('gives a right with all its limits, tells and records it, and withdraws it', async () => {
    const { administration, directory } = people;
    const asked: NewRight = {
      cabinet: 'A',
      user,
      compartmentGroups: ['top'],
      readers: ['front'],
      pick: true,
      validFrom: 1_000,
      validUntil: 2_000,
      weekly: HOURS,
    };
    const { right, overlaps } = await administration.addRight(asked, ADMINISTRATOR);
    expect(overlaps).to.deep.equal([]);
    const given: Right = { id: right, ...asked };
    expect(directory.rightsOf(user, 'A')).to.deep.equal([given]);
    expect(await administration.rights()).to.deep.equal([given]);
    expect(await administration.rights({ userGroup: 'staff' })).to.deep.equal([]);
    expect((await stored.events('site')).at(-1)).to.deep.include({
      type: 'right-added',
      actor: ADMINISTRATOR,
    });
    expect((await stored.events('site')).at(-1)?.data).to.deep.include({ right: given });
    await administration.removeRight(right, ADMINISTRATOR);
    expect(await administration.rights()).to.deep.equal([]);
    expect((await stored.events('site')).at(-1)?.data).to.deep.include({ right });
  });

  it('is known after a restart', async () => {
    const { right } = await people.administration.addRight(
      { cabinet: 'A', user, weekly: HOURS },
      ADMINISTRATOR,
    );
    await people.stop();
    people = await startPeople(stored);
    expect(people.directory.rightsOf(user, 'A')).to.deep.equal([
      { id: right, cabinet: 'A', user, weekly: HOURS },
    ]);
  });

  it('lets rights overlap, and says with which', async () => {
    const { administration } = people;
    const first = await administration.addRight(
      { cabinet: 'A', user, compartmentGroups: ['top'] },
      ADMINISTRATOR,
    );
    const group = await administration.addRight({ cabinet: 'A', userGroup: 'staff' }, ADMINISTRATOR);
    const apart = await administration.addRight(
      { cabinet: 'A', user, compartmentGroups: ['bottom'] },
      ADMINISTRATOR,
    );
    const both = await administration.addRight(
      { cabinet: 'A', user, compartmentGroups: ['bottom', 'top'] },
      ADMINISTRATOR,
    );
    expect(group.overlaps).to.deep.equal([]);
    expect(apart.overlaps).to.deep.equal([group.right]);
    expect([...both.overlaps].sort()).to.deep.equal([first.right, apart.right, group.right].sort());
    expect(people.directory.rightsOf(user, 'A')).to.have.length(4);
  });

  const REFUSALS: readonly (readonly [string, string, object])[] = [
    ['nobody', 'right-malformed', { cabinet: 'A' }],
    ['a user and a group', 'right-malformed', { cabinet: 'A', user: 'user-0', userGroup: 'staff' }],
    ['an unknown user', 'user-unknown', { cabinet: 'A', user: 'user-0' }],
    ['an unknown user group', 'group-unknown', { cabinet: 'A', userGroup: 'night' }],
    ['an unknown cabinet', 'cabinet-unknown', { cabinet: 'C', userGroup: 'staff' }],
    [
      'a compartment group of another cabinet',
      'compartment-group-unknown',
      { cabinet: 'B', userGroup: 'staff', compartmentGroups: ['top'] },
    ],
    [
      'an unknown compartment group beside a known one',
      'compartment-group-unknown',
      { cabinet: 'A', userGroup: 'staff', compartmentGroups: ['top', 'middle'] },
    ],
    ['no compartment group', 'right-malformed', { cabinet: 'A', userGroup: 'staff', compartmentGroups: [] }],
    ['an unknown reader', 'reader-unknown', { cabinet: 'A', userGroup: 'staff', readers: ['side'] }],
    ['a reader twice', 'right-malformed', { cabinet: 'A', userGroup: 'staff', readers: ['front', 'front'] }],
    [
      'an end before its beginning',
      'right-malformed',
      { cabinet: 'A', userGroup: 'staff', validFrom: 2_000, validUntil: 2_000 },
    ],
    ['a time that is none', 'right-malformed', { cabinet: 'A', userGroup: 'staff', validUntil: Number.NaN }],
    ['a field that it has not', 'right-malformed', { cabinet: 'A', userGroup: 'staff', id: 'right-1' }],
    ...['24:00', '8:00', '08:60', '', '08:00:00'].map(
      (from) =>
        [
          `hours from "${from}"`,
          'right-malformed',
          { cabinet: 'A', userGroup: 'staff', weekly: [{ days: [1], from, to: '16:00' }] },
        ] as const,
    ),
    ...[[], [0], [8], [1, 1], ['Mon']].map(
      (days) =>
        [
          `days ${JSON.stringify(days)}`,
          'right-malformed',
          { cabinet: 'A', userGroup: 'staff', weekly: [{ days, from: '08:00', to: '16:00' }] },
        ] as const,
    ),
    ['no hours at all', 'right-malformed', { cabinet: 'A', userGroup: 'staff', weekly: [] }],
  ];
  for (const [what, code, right] of REFUSALS) {
    it(`does not give a right of or to ${what} (${code})`, async () => {
      const { administration } = people;
      const before = (await stored.events('site')).length;
      const refused = await administration
        .addRight(right as NewRight, ADMINISTRATOR)
        .catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(AdministrationError).with.property('code', code);
      expect(await administration.rights()).to.deep.equal([]);
      expect(await stored.events('site')).to.have.length(before);
    });
  }

  it('does not withdraw a right that there is not, or not any more', async () => {
    const { administration } = people;
    const { right } = await administration.addRight({ cabinet: 'A', user }, ADMINISTRATOR);
    await administration.removeRight(right, ADMINISTRATOR);
    for (const id of ['right-0', right]) {
      const refused = await administration.removeRight(id, ADMINISTRATOR).catch((error: unknown) => error);
      expect(refused).to.have.property('code', 'right-unknown');
    }
  });
});

describe('overlapping rights', () => {
  const CASES: readonly (readonly [string, Partial<Right>, Partial<Right>, boolean])[] = [
    ['without limits', {}, {}, true],
    ['to different groups', { compartmentGroups: ['a'] }, { compartmentGroups: ['b'] }, false],
    ['to everything and to a group', {}, { compartmentGroups: ['b'] }, true],
    ['at different readers', { readers: ['a'] }, { readers: ['b'] }, false],
    ['one after the other', { validUntil: 5 }, { validFrom: 5 }, false],
    ['with a moment in common', { validUntil: 6 }, { validFrom: 5 }, true],
    ['on different days', weekly([1], '08:00', '16:00'), weekly([2], '08:00', '16:00'), false],
    ['at hours that touch', weekly([1], '08:00', '12:00'), weekly([1], '12:00', '16:00'), false],
    ['at hours that overlap', weekly([1], '08:00', '12:01'), weekly([1], '12:00', '16:00'), true],
    ['over midnight into the next day', weekly([1], '22:00', '06:00'), weekly([2], '05:00', '07:00'), true],
    [
      'over midnight from Sunday into Monday',
      weekly([7], '22:00', '06:00'),
      weekly([1], '05:59', '07:00'),
      true,
    ],
    ['after that midnight', weekly([7], '22:00', '06:00'), weekly([1], '06:00', '07:00'), false],
    ['of a whole day', weekly([3], '00:00', '00:00'), weekly([3], '23:59', '00:00'), true],
    ['of a whole day and the next', weekly([3], '00:00', '00:00'), weekly([4], '00:00', '00:01'), false],
    ['at some hours and at all times', weekly([3], '10:00', '11:00'), {}, true],
  ];
  for (const [what, one, other, expected] of CASES) {
    it(`${what}: ${expected ? 'yes' : 'no'}`, () => {
      const right = { cabinet: 'A', user: 'u' };
      expect(overlap({ ...right, ...one }, { ...right, ...other })).to.equal(expected);
      expect(overlap({ ...right, ...other }, { ...right, ...one })).to.equal(expected);
    });
  }

  function weekly(days: readonly number[], from: string, to: string): Partial<Right> {
    return { weekly: [{ days: days as readonly (1 | 2 | 3 | 4 | 5 | 6 | 7)[], from, to }] };
  }
});
