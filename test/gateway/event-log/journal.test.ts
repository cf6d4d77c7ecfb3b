import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LoggedEvent } from '../../../domain/event.ts';
import { Journal, JournalError } from '../../../gateway/event-log/journal.ts';
import { temporaryFolder } from '../../support/store.ts';
import { chainOf, following } from '../support/chains.ts';

const run = promisify(execFile);

describe('the journal', () => {
  let folder: string;
  let path: string;
  const open: Journal[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder, 'journal.log');
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((journal) => journal.close()));
    await rm(folder, { recursive: true });
  });

  async function reopened(limit?: number): Promise<Awaited<ReturnType<typeof Journal.open>>> {
    await Promise.all(open.splice(0).map((journal) => journal.close()));
    const content = await Journal.open(folder, limit);
    open.push(content.journal);
    return content;
  }

  /** The bytes of a journal that holds these events. */
  async function bytesOf(events: readonly LoggedEvent[]): Promise<Buffer> {
    const { journal } = await reopened();
    await journal.append(events);
    return readFile(path);
  }

  it('begins empty, readable by its owner alone', async () => {
    const { journal, waiting, torn } = await reopened();
    expect({ waiting, torn, size: journal.size }).to.deep.equal({ waiting: [], torn: 0, size: 0 });
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
  });

  it('gives back what was appended, in order, however often it is opened', async () => {
    const events = chainOf('cabinet/A', 7);
    const first = await reopened();
    await first.journal.append(events.slice(0, 3));
    await first.journal.append(events.slice(3, 4));
    const second = await reopened();
    expect(second.waiting).to.deep.equal(events.slice(0, 4));
    await second.journal.append(events.slice(4));
    expect((await reopened()).waiting).to.deep.equal(events);
    expect((await reopened()).torn).to.equal(0);
  });

  it('keeps every character of an event', async () => {
    const event = following('cabinet/Ä', { seq: 0, hash: '0'.repeat(64) }, { reason: 'zażółć 🗝 "\n\u0000"' });
    await (await reopened()).journal.append([event]);
    expect((await reopened()).waiting).to.deep.equal([event]);
  });

  it('cuts off a record that was not finished, at whichever byte, and sets it aside', async () => {
    const events = chainOf('cabinet/A', 3);
    const whole = await bytesOf(events);
    await (await reopened()).journal.clear();
    const before = (await bytesOf(events.slice(0, 2))).length;
    const next = following('cabinet/A', events[1] as LoggedEvent, { instead: true });
    for (let length = before + 1; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      await rm(join(folder, 'torn.bin'), { force: true });
      const cut = await reopened();
      expect(cut.waiting, `cut at ${length}`).to.deep.equal(events.slice(0, 2));
      expect(cut.torn).to.equal(length - before);
      expect(await readFile(join(folder, 'torn.bin'))).to.deep.equal(whole.subarray(before, length));
      await cut.journal.append([next]);
      const again = await reopened();
      expect(again.waiting).to.deep.equal([...events.slice(0, 2), next]);
      expect(again.torn).to.equal(0);
    }
  });

  it('never believes flipped bits: what stands before them is kept, the rest is set aside', async () => {
    const events = chainOf('cabinet/A', 4);
    const whole = await bytesOf(events);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const flipped = Buffer.from(whole);
        flipped.writeUInt8(flipped.readUInt8(at) ^ mask, at);
        await writeFile(path, flipped);
        await rm(join(folder, 'torn.bin'), { force: true });
        const { waiting, torn, journal } = await reopened();
        expect(waiting).to.deep.equal(events.slice(0, waiting.length));
        expect(waiting.length).to.be.lessThan(events.length);
        expect(journal.size + torn).to.equal(whole.length);
        expect(await readFile(join(folder, 'torn.bin'))).to.deep.equal(flipped.subarray(journal.size));
      }),
      { numRuns: 60 },
    );
  });

  it('believes no garbage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        await writeFile(path, garbage);
        const { waiting, torn } = await reopened();
        expect(waiting).to.deep.equal([]);
        expect(torn).to.equal(garbage.length);
      }),
      { numRuns: 30 },
    );
  });

  it('is full at its limit, and writes nothing in half', async () => {
    const events = chainOf('cabinet/A', 10);
    const five = (await bytesOf(events.slice(0, 5))).length;
    const { journal, waiting } = await reopened(five + 10);
    const refused = await journal.append(events.slice(5)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(JournalError).with.property('code', 'journal-full');
    expect((await stat(path)).size).to.equal(five);
    await journal.clear();
    await journal.append(waiting);
    expect((await reopened()).waiting).to.deep.equal(events.slice(0, 5));
  });

  it('refuses a record that it would not believe when reading', async () => {
    const { journal } = await reopened();
    const [event] = chainOf('cabinet/A', 1) as [LoggedEvent];
    const huge = following('cabinet/A', event, { text: 'x'.repeat(1024 * 1024) });
    await journal.append([event]);
    const refused = await journal.append([huge]).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(JournalError).with.property('code', 'record-too-long');
    expect(await reopened()).to.deep.include({ waiting: [event], torn: 0 });
  });

  it('begins anew once it was cleared', async () => {
    const events = chainOf('cabinet/A', 6);
    const { journal } = await reopened();
    await journal.append(events.slice(0, 3));
    await journal.clear();
    expect(journal.size).to.equal(0);
    await journal.append(events.slice(3));
    expect((await reopened()).waiting).to.deep.equal(events.slice(3));
  });

  it('keeps what can never be shipped for a person to read', async () => {
    const events = chainOf('cabinet/A', 3);
    const { journal } = await reopened();
    await journal.setAside(events.slice(0, 1));
    await journal.setAside(events.slice(1));
    const lines = (await readFile(join(folder, 'conflicts.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).to.deep.equal(events);
  });

  it('acknowledges nothing after its file is gone, and says why', async () => {
    const events = chainOf('cabinet/A', 2);
    const { journal } = await reopened();
    await journal.append(events.slice(0, 1));
    open.length = 0;
    await journal.close();
    const refused = await journal.append(events.slice(1)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(JournalError).with.property('code', 'journal-unwritable');
    const later = await journal.append(events.slice(1)).catch((error: unknown) => error);
    expect(later).to.be.instanceOf(JournalError).with.property('code', 'journal-unwritable');
    expect((await reopened()).waiting).to.deep.equal(events.slice(0, 1));
  });

  it('acknowledges no event that a full disk took only in part', async () => {
    // A limit on the size of files ends a write in the middle, as the last free block of a disk does.
    const script = join(import.meta.dirname, '../support/fill-journal.ts');
    const { stdout } = await run('bash', [
      '-c',
      'ulimit -f 8; exec "$0" "$@"',
      process.execPath,
      script,
      folder,
    ]);
    const { acknowledged, code } = JSON.parse(stdout) as { acknowledged: number; code: string };
    expect(code).to.equal('journal-unwritable');
    expect(acknowledged).to.be.greaterThan(0);
    const { waiting, torn } = await reopened();
    expect(waiting).to.deep.equal(chainOf('cabinet/A', acknowledged));
    expect(torn).to.equal(0);
  });
});
