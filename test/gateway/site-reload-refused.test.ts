import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import { reloadLines } from '../../scripts/site-commands.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { type Changed, ChangingSite, cabinetOn } from './support/changing-site.ts';

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const cabinets =
  (change: (cabinet: SiteFile['cabinets'][number]) => object): Changed =>
  (file) => ({ ...file, cabinets: file.cabinets.map(change) as SiteFile['cabinets'] });

const WRONG: readonly (readonly [string, Changed, RegExp])[] = [
  [
    'misses a field',
    (file) => ({ ...file, boards: undefined }) as unknown as SiteFile,
    /site\.json: boards: is missing/,
  ],
  [
    'misspells a field',
    cabinets((cabinet) => ({ ...cabinet, colour: 'red' })),
    /cabinets\[0\]\.colour: is not a known field/,
  ],
  [
    'has a cabinet twice',
    (file) => ({ ...file, cabinets: [...file.cabinets, ...file.cabinets] }),
    /cabinets\[1\]\.id: "A" stands twice/,
  ],
  [
    'names a schema that there is not',
    cabinets((cabinet) => ({ ...cabinet, schema: '9.9' })),
    /cabinets\[0\]\.schema: must be one of/,
  ],
  [
    'names a bus that there is not',
    (file) => ({ ...file, boards: file.boards.map((board) => ({ ...board, bus: 'nowhere' })) }),
    /boards\[0\]\.bus: there is no bus "nowhere"/,
  ],
  [
    'names a driver that there is not',
    (file) => ({ ...file, boards: file.boards.map((board) => ({ ...board, driver: 'abacus' })) }),
    /boards\[0\]\.driver: .*abacus/,
  ],
  [
    'has an address that its board cannot have',
    (file) => ({ ...file, boards: file.boards.map((board) => ({ ...board, address: 99 })) }),
    /boards\[0\]\.address: is 99/,
  ],
  [
    'has more locks than its board',
    cabinets((cabinet) => ({
      ...cabinet,
      compartments: [{ from: 1, to: 60, board: 'board-a', firstLock: 0 }],
    })),
    /cabinets\[0\]\.compartments\[0\]: needs lock 59/,
  ],
  [
    'has a bus on which nothing hangs',
    (file) => ({ ...file, buses: [...file.buses, { id: 'idle', transport: { type: 'flow' } }] }),
    /buses\[2\]: nothing hangs on bus "idle"/,
  ],
  [
    'has no cabinet any more',
    (file) => ({ ...file, cabinets: [], readers: [], boards: [], buses: [] }),
    /neither a cabinet nor a cassette/,
  ],
];

const LATE: readonly (readonly [string, Changed, RegExp])[] = [
  [
    'the id of the site',
    (file) => ({ ...file, site: { ...file.site, id: 'else' } }),
    /site\.id: takes effect/,
  ],
  [
    'its name and time zone',
    (file) => ({ ...file, site: { ...file.site, name: 'Else', timeZone: 'UTC' } }),
    /site\.name, site\.timeZone: takes effect at the next start only/,
  ],
  [
    'what operators may do',
    (file) => ({ ...file, operators: { may: ['open'] } }),
    /operators: takes effect at the next start only/,
  ],
];

describe('A site file that cannot be taken over', () => {
  let site: ChangingSite;
  let boardB: Cu48Simulator;

  before(async () => {
    site = await ChangingSite.start();
  });

  beforeEach(() => {
    boardB = new Cu48Simulator({ openMilliseconds: 30 });
  });

  after(() => site?.close());

  async function refusalOf(reloading: Promise<unknown>): Promise<Refusal> {
    return reloading.then(
      () => {
        throw new Error('It was not refused.');
      },
      (error) => error as Refusal,
    );
  }

  /** Changes a file whose other changes would be good; all of it is refused, and all goes on. */
  async function refusedWhole(change: Changed): Promise<Refusal> {
    const before = site.file;
    const { gateway } = site.started;
    const { view, states, records } = await everything();
    await site.write((file) =>
      change({ ...file, cabinets: file.cabinets.map((cabinet) => ({ ...cabinet, name: 'Otherwise' })) }),
    );
    const refusal = await refusalOf(site.reload());
    expect(await everything()).to.deep.equal({ view, states, records });
    expect(gateway.site).to.equal(view);
    await site.write(() => before);
    expect((await site.reload()).done).to.equal(false);
    return refusal;
  }

  async function everything() {
    const { gateway } = site.started;
    return {
      view: gateway.site,
      states: gateway.cabinets().map(({ setting }) => setting),
      records: (await site.reloads()).length,
    };
  }

  for (const [what, change, words] of WRONG) {
    it(`is refused whole where it ${what}, in the words of a start`, async () => {
      const { code, message } = await refusedWhole(change);
      expect(code).to.equal('site-file-wrong');
      expect(message).to.match(words);
      expect(message).to.match(/Nothing was changed\.$/);
    });
  }

  for (const [what, change, words] of LATE) {
    it(`is refused whole where ${what} differ, since that takes a restart`, async () => {
      const { code, message } = await refusedWhole(change);
      expect(message).to.match(words);
      expect(code).to.equal('restart-required');
    });
  }

  it('is refused where it is no JSON, or is not there', async () => {
    await writeFile(site.siteFile, '{"version": 1,');
    expect(await refusalOf(site.reload())).to.include({ code: 'site-file-wrong' });
    const before = site.file;
    await site.remove();
    const { message } = await refusalOf(site.reload());
    expect(message).to.match(/site\.json: there is no such file/);
    await site.write(() => before);
  });

  it('is refused where it would lose what lies in a cabinet, be that forced or not', async () => {
    const before = site.file;
    const { administration } = site.started;
    const actor = { kind: 'machine', id: 'test' } as const;
    const user = await administration.addUser({ name: 'Anna', roles: ['defined'], groups: ['staff'] }, actor);
    await site.change(cabinets((cabinet) => ({ ...cabinet, schema: '1.1' })));
    await site.operate({ do: 'assign', cabinet: 'A', compartment: 4, user, reason: 'test' });
    await site.write(
      cabinets((cabinet) => ({
        ...cabinet,
        compartments: [{ from: 1, to: 3, board: 'board-a', firstLock: 0 }],
      })),
    );
    for (const force of [false, true]) {
      const { code, message } = await refusalOf(site.reload({ force }));
      expect(code).to.equal('site-file-wrong');
      expect(message).to.match(/cabinets\[0\]\.compartments: leaves out compartment 4, which is taken/);
    }
    await site.operate({ do: 'release', cabinet: 'A', compartment: 4, reason: 'test' });
    await site.change(() => before);
    expect(site.compartment('A', 4)?.holders).to.deep.equal([]);
  });

  it('waits for nobody: of two at once, one is refused', async () => {
    const before = site.file;
    await site.write(cabinets((cabinet) => ({ ...cabinet, name: 'Otherwise' })));
    const [one, two] = await Promise.allSettled([site.reload(), site.reload()]);
    expect(one.status).to.equal('fulfilled');
    expect(two.status === 'rejected' && (two.reason as Refusal).code).to.equal('reload-under-way');
    await site.change(() => before);
  });

  it('is refused while the store is away, and taken over once it is back', async () => {
    const before = site.file;
    await site.write(await site.withB(boardB));
    site.line.cut();
    const { code, message } = await refusalOf(site.reload());
    expect(code).to.equal('store-unavailable');
    expect(message).to.match(/Nothing was changed; try again/);
    expect(site.started.gateway.cabinet('B')).to.equal(undefined);
    expect(await site.opening('A', 1), 'doors open meanwhile').to.include({ ok: true });
    expect(await refusalOf(site.reload()), 'it is known by now').to.include({ code: 'store-unavailable' });
    site.line.mend();
    await site.storeAnswers();
    site.boardA.setDoor(0, false);
    await site.used('A', 1);
    expect((await site.reload()).done).to.equal(true);
    await site.doorsKnown();
    await site.change(() => before);
  });
});

describe('A site file that is taken over only in part', () => {
  let site: ChangingSite;
  let both: Changed;

  beforeEach(async () => {
    site = await ChangingSite.start((file) => ({
      ...file,
      cabinets: [
        ...file.cabinets,
        cabinetOn('C', 'board-a', { compartments: [{ from: 1, to: 4, board: 'board-a', firstLock: 20 }] }),
      ],
    }));
    // Both are wired to other locks, and A gets a board that was not there.
    both = (file) => ({
      ...file,
      boards: [...file.boards, ...file.boards.map((board) => ({ ...board, id: 'board-a2', address: 1 }))],
      cabinets: file.cabinets.map((cabinet) => ({
        ...cabinet,
        overdueAfterHours: 3,
        compartments: [
          cabinet.id === 'A'
            ? { from: 1, to: 4, board: 'board-a2', firstLock: 0 }
            : { from: 1, to: 4, board: 'board-a', firstLock: 30 },
        ],
      })),
    });
  });

  afterEach(() => site?.close());

  async function refusal(): Promise<Refusal> {
    return site.reload().then(
      () => {
        throw new Error('It was not refused.');
      },
      (error) => error as Refusal,
    );
  }

  it('is taken back where a cabinet turns out to be the cabinet of another gateway', async () => {
    await site.takeOver('C');
    await site.write(both);
    const { code, message } = await refusal();
    expect(code).to.equal('not-recorded');
    expect(message).to.match(/Cabinet C could not take over its configuration.* Nothing was changed\.$/);
    const { gateway } = site.started;
    expect(gateway.cabinet('A')?.setting.overdueAfter).to.equal(undefined);
    expect(await site.opening('A', 2), 'on its wires of before').to.include({ ok: true });
    expect(site.boardA.pulses.map(({ address, lock }) => [address, lock])).to.deep.equal([[0, 1]]);
    expect(
      (await site.reloads()).map(({ type, data }) => [type, (data as { kept?: unknown }).kept]),
    ).to.deep.equal([
      ['site-reloaded', undefined],
      ['site-reload-undone', []],
    ]);
    expect(site.sites).to.deep.equal([]);
  });

  it('says which cabinet has it already where nothing can be recorded any more, and is finished by the next', async () => {
    await site.started.close();
    // A journal that takes nothing, so that a store that is away leaves nowhere to put anything.
    await site.open(1);
    await site.write(both);
    const unfollow = site.started.gateway.onChange(({ event }) => {
      if (event.type === 'cabinet-configured') site.line.cut();
    });
    const { code, message } = await refusal();
    unfollow();
    expect(code).to.equal('not-recorded');
    expect(message).to.match(/Cabinet A keeps the settings of the file.* Reload again/);
    expect(site.started.gateway.cabinet('C')?.setting.overdueAfter).to.equal(undefined);
    site.line.mend();
    await site.storeAnswers();
    expect((await site.reload()).done).to.equal(true);
    await opensAt([1, 1], [0, 31]);
  });

  it('is finished by the next as well where the file is what it was before', async () => {
    const before = site.file;
    await site.started.close();
    await site.open(1);
    await site.write(both);
    const unfollow = site.started.gateway.onChange(({ event }) => {
      if (event.type === 'cabinet-configured') site.line.cut();
    });
    await refusal();
    unfollow();
    site.line.mend();
    await site.storeAnswers();
    const answer = await site.change(() => before);
    expect(answer).to.deep.include({ done: true });
    expect(reloadLines(answer)).to.deep.equal(['The site is as its file says now.']);
    await opensAt([0, 1], [0, 21]);
    expect((await site.reload()).done, 'once').to.equal(false);
  });

  /** Compartment 2 of A and of C open at these boards and locks. */
  async function opensAt(...expected: readonly (readonly [number, number])[]): Promise<void> {
    await site.doorsKnown();
    expect(await site.opening('A', 2)).to.include({ ok: true });
    expect(await site.opening('C', 2)).to.include({ ok: true });
    expect(site.boardA.pulses.map(({ address, lock }) => [address, lock])).to.deep.equal(expected);
  }
});
