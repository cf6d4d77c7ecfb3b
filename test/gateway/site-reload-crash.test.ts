import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { verifyLog } from '../../gateway/event-log/verify.ts';
import { EventRepository } from '../../models/events.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { ChangingSite, cabinetOn } from './support/changing-site.ts';

const DOOMED = fileURLToPath(new URL('./support/reload-and-die.ts', import.meta.url));
/** On a slow, loaded computer. Milliseconds. */
const DIES_WITHIN = 60_000;

describe('A gateway that is killed while it takes a site file over', () => {
  let site: ChangingSite;

  afterEach(() => site?.close());

  // In the order of what happens: on record for a cabinet that stays, in force for whoever follows the site, at the end.
  for (const moment of ['configured', 'told', 'done']) {
    it(`starts with the new file as if nothing had happened (${moment})`, async () => {
      const boardB = new Cu48Simulator({ openMilliseconds: 30 });
      site = await ChangingSite.start((file) => ({
        ...file,
        cabinets: [
          ...file.cabinets,
          cabinetOn('C', 'board-a', { compartments: [{ from: 1, to: 4, board: 'board-a', firstLock: 20 }] }),
        ],
      }));
      await site.started.close();
      const withB = await site.withB(boardB);
      const next = withB({
        ...site.file,
        cabinets: site.file.cabinets
          .filter(({ id }) => id !== 'C')
          .map((cabinet) => ({ ...cabinet, overdueAfterHours: 3 })),
      });
      const nextFile = join(site.folder, 'next.json');
      await writeFile(nextFile, JSON.stringify(next));

      const child = spawn(
        process.execPath,
        [DOOMED, site.siteFile, nextFile, site.dataFolder, site.store.uri, moment],
        { stdio: ['ignore', 'pipe', 'inherit'], timeout: DIES_WITHIN, killSignal: 'SIGTERM' },
      );
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const [, signal] = (await once(child, 'exit')) as [unknown, string];
      expect(signal, said).to.equal('SIGKILL');

      await site.write(() => next);
      await site.open();
      const { gateway } = site.started;
      expect(gateway.cabinets().map(({ setting }) => setting.id)).to.deep.equal(['A', 'B']);
      expect(gateway.cabinet('A')?.setting.overdueAfter).to.equal(3 * 3_600_000);
      expect(await site.opening('A', 1)).to.include({ ok: true });
      expect(await site.opening('B', 1)).to.include({ ok: true });
      const [reload] = await site.reloads();
      expect(reload?.data, 'who asked for it is on record').to.deep.include({
        cabinets: { added: ['B'], removed: ['C'], changed: ['A'] },
      });
      expect((await site.reload()).done, 'nothing is left to do').to.equal(false);
      for await (const { stream, flaw } of verifyLog(new EventRepository(site.store.connection))) {
        expect(flaw, stream).to.equal(undefined);
      }
    });
  }
});
