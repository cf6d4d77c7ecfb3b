import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { openCommandSocket } from '../../gateway/command-socket.ts';
import { socketPath } from '../../gateway/data-folder.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import { reloadLines, siteCommandFor } from '../../scripts/site-commands.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { ChangingSite, cabinetOn } from '../gateway/support/changing-site.ts';

describe('npm run admin -- reload', () => {
  let site: ChangingSite;
  let socket: LineSocket;

  before(async () => {
    site = await ChangingSite.start();
    const { gateway, administration, reload } = site.started;
    const path = await socketPath(site.dataFolder, 'command');
    socket = await openCommandSocket(path, gateway, administration, () => undefined, reload);
  });

  after(async () => {
    await socket?.close();
    await site?.close();
  });

  async function admin(...typed: readonly string[]) {
    const child = spawn(process.execPath, ['scripts/admin.ts', ...typed], {
      env: { ...process.env, SEZAM_DATA: site.dataFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      printed.out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      printed.error += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    return { ...printed, code };
  }

  it('says what would change, changes it, and has nothing to do then', async () => {
    await site.write(await site.withB(new Cu48Simulator({ openMilliseconds: 30 })));
    expect(await admin('reload', '--dry-run')).to.deep.equal({
      out: [
        'cabinet B: would be added',
        'bus b-locks: would be added',
        'board board-b: would be added',
        'Nothing was changed.',
        '',
      ].join('\n'),
      error: '',
      code: 0,
    });
    const { out, code } = await admin('reload');
    expect(out).to.match(/^cabinet B: added\n[\s\S]*The site is as its file says now\.\n$/);
    expect(code).to.equal(0);
    expect(await site.opening('B', 2)).to.include({ ok: true });
    expect((await admin('reload')).out).to.equal('The site is as its file says. Nothing was changed.\n');
    const [record] = await site.reloads();
    expect(record?.actor).to.deep.equal({ kind: 'machine', id: 'command-line' });
  });

  it('is refused with the reason, and takes --force for what only that does', async () => {
    await site.change((file) => ({
      ...file,
      cabinets: [
        ...file.cabinets,
        cabinetOn('C', 'board-a', { compartments: [{ from: 1, to: 4, board: 'board-a', firstLock: 20 }] }),
      ],
    }));
    await site.doorsKnown();
    expect(await site.opening('C', 3)).to.include({ ok: true });
    await site.write((file) => ({ ...file, cabinets: file.cabinets.filter(({ id }) => id !== 'C') }));
    const refused = await admin('reload');
    expect(refused.code).to.equal(1);
    expect(refused.error).to.match(
      /^cabinet-in-use: Nothing was changed: cabinet C cannot go: compartment 3/,
    );
    expect((await admin('reload', '--dry-run')).out).to.contain('needs --force: cabinet C cannot go');
    const forced = await admin('reload', '--force');
    expect(forced.out).to.contain('forced: cabinet C cannot go');
    expect(forced.code).to.equal(0);
    await site.write((file) => ({ ...file, cabinets: [] }));
    const { error } = await admin('reload', '--force');
    expect(error).to.match(/^site-file-wrong: .*site\.json: /);
  });

  it('understands no other words', () => {
    expect(siteCommandFor('reload', {})).to.deep.equal({ do: 'reload', dryRun: false, force: false });
    expect(siteCommandFor('load', {})).to.equal(undefined);
  });

  it('counts what it names', () => {
    const none = { added: [], removed: [], changed: [] };
    const lists = {
      cabinets: none,
      panels: none,
      buses: none,
      boards: none,
      readers: none,
      itemReaders: none,
    };
    const difference = {
      ...lists,
      readers: { added: [], removed: ['r1', 'r2'], changed: [] },
      fields: ['pins'],
    };
    expect(reloadLines({ difference, disturbed: ['A'], obstacles: [], done: true })).to.deep.equal([
      'readers r1, r2: removed',
      'pins: changed',
      'cabinet A: its wires were interrupted for a moment',
      'The site is as its file says now.',
    ]);
  });
});
