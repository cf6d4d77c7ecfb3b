import { resolve } from 'node:path';
import { expect } from 'chai';
import { importSummary, lineOf, peopleCommandFor } from '../../scripts/people-commands.ts';

describe('what is typed about people', () => {
  const USER = 'user-1';
  type Typed = Parameters<typeof peopleCommandFor>[1];

  const COMMANDS: readonly (readonly [string, Typed, object])[] = [
    ['users', {}, { do: 'list-users' }],
    ['add-user', { name: 'Anna' }, { do: 'add-user', name: 'Anna', roles: ['defined'], groups: [] }],
    [
      'add-user',
      {
        name: 'Anna',
        login: 'anna',
        role: ['master'],
        group: ['staff', 'guests'],
        'valid-until': '2026-12-31',
      },
      {
        do: 'add-user',
        name: 'Anna',
        login: 'anna',
        roles: ['master'],
        groups: ['staff', 'guests'],
        validUntil: '2026-12-31',
      },
    ],
    ['change-user', { user: USER }, { do: 'change-user', user: USER }],
    [
      'change-user',
      { user: USER, email: 'none', language: 'it', group: ['none'], 'valid-from': 'none' },
      { do: 'change-user', user: USER, email: null, language: 'it', groups: [], validFrom: null },
    ],
    // Somebody may be called that.
    ['change-user', { user: USER, name: 'none' }, { do: 'change-user', user: USER, name: 'none' }],
    ['erase-user', { user: USER }, { do: 'erase-user', user: USER }],
    ['credentials', { user: USER }, { do: 'list-credentials', user: USER }],
    ['add-card', { user: USER, card: '04' }, { do: 'add-credential', user: USER, kind: 'card', value: '04' }],
    [
      'add-credential',
      { user: USER, kind: 'qr', value: 'code', 'valid-from': '2026-01-01' },
      { do: 'add-credential', user: USER, kind: 'qr', value: 'code', validFrom: '2026-01-01' },
    ],
    ['remove-credential', { credential: 'c' }, { do: 'remove-credential', credential: 'c' }],
    [
      'phone-access',
      { user: USER, cabinet: 'A' },
      { do: 'phone-access', user: USER, cabinet: 'A', minutes: 15 },
    ],
    [
      'phone-access',
      { user: USER, cabinet: 'A', panel: 'p', minutes: '5' },
      { do: 'phone-access', user: USER, cabinet: 'A', panel: 'p', minutes: 5 },
    ],
    ['rotate-key', {}, { do: 'rotate-key' }],
    [
      'add-right',
      { cabinet: 'A', group: ['staff'], hours: ['1-5 08:00-16:00', '6,7 22:00-06:00'], pick: true },
      {
        do: 'add-right',
        cabinet: 'A',
        userGroup: 'staff',
        pick: true,
        weekly: [
          { days: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' },
          { days: [6, 7], from: '22:00', to: '06:00' },
        ],
      },
    ],
    ['rights', { user: USER }, { do: 'list-rights', user: USER }],
    ['remove-right', { right: 'r' }, { do: 'remove-right', right: 'r' }],
    [
      'import',
      { file: 'users.csv', 'dry-run': true },
      { do: 'import', file: resolve('users.csv'), dryRun: true },
    ],
  ];
  for (const [name, typed, command] of COMMANDS) {
    it(`${name} ${JSON.stringify(typed)}`, async () => {
      expect(await peopleCommandFor(name, typed)).to.deep.equal(command);
    });
  }

  it('is no command of another name', async () => {
    expect(await peopleCommandFor('add-usr', { name: 'Anna' })).to.equal(undefined);
  });

  for (const hours of [
    '',
    '08:00-16:00',
    '1-8 08:00-16:00',
    '0 08:00-16:00',
    'Mon 08:00-16:00',
    '5-1 08:00-16:00',
  ]) {
    it(`"${hours}" are no hours, and the way out is told`, async () => {
      const refused = await peopleCommandFor('add-right', { cabinet: 'A', hours: [hours] }).catch(
        (error: Error) => error.message,
      );
      expect(refused).to.contain(`"${hours}"`).and.contain('1-5 08:00-16:00');
    });
  }

  for (const wrong of ['add-right', 'rights']) {
    it(`${wrong} is for one group, and says so where several are named`, async () => {
      const refused = await peopleCommandFor(wrong, { cabinet: 'A', group: ['staff', 'guests'] }).catch(
        (error: Error) => error.message,
      );
      expect(refused).to.contain('one --group');
    });
  }
});

describe('what is told of an import', () => {
  it('a line that is taken, one that would be, and one that is not', () => {
    const taken = { line: 2, status: 'ok', user: 'user-1', credentials: ['card', 'pin'] } as const;
    expect(lineOf(taken)).to.equal('line 2: ok user-1 with card, pin');
    expect(lineOf({ line: 2, status: 'ok', credentials: [] })).to.equal('line 2: ok would be added');
    expect(
      lineOf({ line: 3, status: 'error', code: 'pin-malformed', message: 'A PIN has 4 to 16 digits.' }),
    ).to.equal('line 3: error pin-malformed: A PIN has 4 to 16 digits.');
  });

  it('how many were taken, refused and not looked at', () => {
    const summary = { dryRun: false, total: 10, added: 7, refused: 2 };
    expect(importSummary(summary)).to.equal('7 of 10 people were added, 2 refused, 1 not looked at.');
    expect(importSummary({ ...summary, dryRun: true, added: 8 })).to.equal(
      '8 of 10 people would be added, 2 refused.',
    );
  });
});
