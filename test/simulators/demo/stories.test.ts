/** Each story of the demo, played against a gateway with simulated hardware: the lines that it prints, all of them. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openCommandSocket } from '../../../gateway/command-socket.ts';
import { StoryError } from '../../../scripts/demo/connection.ts';
import { story as cassette1 } from '../../../scripts/demo/stories/cassette-1.ts';
import { story as cassette2 } from '../../../scripts/demo/stories/cassette-2.ts';
import { story as cassette3 } from '../../../scripts/demo/stories/cassette-3.ts';
import { story as mode1 } from '../../../scripts/demo/stories/mode-1.ts';
import { story as mode2 } from '../../../scripts/demo/stories/mode-2.ts';
import { story as mode3 } from '../../../scripts/demo/stories/mode-3.ts';
import { story as mode4 } from '../../../scripts/demo/stories/mode-4.ts';
import { story as mode5 } from '../../../scripts/demo/stories/mode-5.ts';
import { story as mode6 } from '../../../scripts/demo/stories/mode-6.ts';
import { play } from '../../../scripts/demo/story.ts';
import { DemoAtWork } from './support/demo-at-work.ts';

const STORIES = { mode1, mode2, mode3, mode4, mode5, mode6 };
const CASSETTE_STORIES = { cassette1, cassette2, cassette3 };

/** How somebody plays who waits for nothing. */
const STRANGER = { language: 'en', pace: 0, cardsApart: 0, keysApart: 0 } as const;

async function transcript(name: string): Promise<string[]> {
  const text = await readFile(new URL(`./transcripts/${name}.txt`, import.meta.url), 'utf8');
  return text.trimEnd().split('\n');
}

describe('the stories of the demo', function () {
  // Keys are held and lifted at a person's pace.
  this.timeout(240_000);
  let demo: DemoAtWork;

  before(async () => {
    demo = await DemoAtWork.prepare();
    await demo.start();
  });

  after(() => demo.remove());

  for (const [name, story] of Object.entries(STORIES)) {
    it(`prints what a person sees at cabinet ${story.cabinet}, and leaves it as it was`, async () => {
      const before = demo.lyingIn(story.cabinet);
      expect(await demo.play(story)).to.deep.equal(await transcript(`${name}-en`));
      expect(demo.lyingIn(story.cabinet)).to.deep.equal(before);
      expect(demo.gateway.cabinet(story.cabinet)?.sessions.size).to.equal(0);
    });
  }

  for (const [name, story] of Object.entries(CASSETTE_STORIES)) {
    it(`prints what a person sees of cassette ${story.cassette}, and leaves it at rest`, async () => {
      expect(await demo.play(story)).to.deep.equal(await transcript(`${name}-en`));
      expect(demo.gateway.cassettes.view(story.cassette)).to.include({ phase: 'rest', subState: 'none' });
    });
  }

  it('plays once more as it did', async () => {
    expect(await demo.play(mode4)).to.deep.equal(await transcript('mode4-en'));
  });

  for (const language of ['pl', 'it'] as const) {
    it(`speaks ${language}`, async () => {
      expect(await demo.play(mode4, language)).to.deep.equal(await transcript(`mode4-${language}`));
      expect(await demo.play(cassette2, language)).to.deep.equal(await transcript(`cassette2-${language}`));
    });
  }

  it('takes the next compartment where the wanted one is taken', async () => {
    const place = { cabinet: 'D', compartment: 3, reason: 'being cleaned' };
    await demo.gateway.operate({ do: 'block', ...place }, { kind: 'machine', id: 'test' });
    const lines = await demo.play(mode4);
    expect(lines).to.include('panel     Choose a compartment. (1–2, 4–12)');
    expect(lines).to.include('person    The guest chooses compartment 1.');
    await demo.gateway.operate({ do: 'unblock', ...place }, { kind: 'machine', id: 'test' });
  });

  it('says so where somebody has not finished at the panel', async () => {
    await demo.gateway.answer('panel-D', { answer: 'deposit' });
    const lines: string[] = [];
    const options = { ...STRANGER, dataFolder: demo.folder };
    const error = await play(mode4, { ...options, write: (line) => lines.push(line) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(StoryError);
    expect((error as Error).message).to.match(
      /^Somebody has not finished at panel-D \("Choose a compartment\."\)/,
    );
    await demo.gateway.answer('panel-D', { answer: 'cancel' });
    expect(lines).to.deep.equal([mode4.title.en]);
  });

  it('says so where a cassette is not at rest', async () => {
    const reason = 'loading';
    const { administrator: person } = demo;
    const request = { cassette: 'C1', command: { do: 'enter-service' }, reason } as const;
    expect(await demo.gateway.cassettes.command(request, person)).to.include({ ok: true });
    const options = { ...STRANGER, dataFolder: demo.folder, write: () => {} };
    const error = await play(cassette1, options).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(/StoryError: Cassette C1 is not at rest, its state is "service"/);
    const finish = { cassette: 'C1', command: { do: 'finish-service', loaded: true }, reason } as const;
    expect(await demo.gateway.cassettes.command(finish, person)).to.include({ ok: true });
  });

  it('says so where another site than the demo runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-no-demo-'));
    await mkdir(join(folder, 'run'));
    const path = join(folder, 'run', 'command.sock');
    const commands = await openCommandSocket(path, demo.gateway, demo.administration);
    const options = { ...STRANGER, dataFolder: folder, write: () => {} } as const;
    const error = await play(mode4, options).catch((reason: unknown) => reason);
    await commands.close();
    await rm(folder, { recursive: true });
    expect(error).to.be.instanceOf(StoryError);
    expect((error as Error).message).to.match(/^Sezam runs here, but not the demo site\./);
  });

  it('told the operator of nothing', () => {
    // A machine that is busy enough lets the store be late; that is told, and changes nothing.
    expect(demo.notices.filter((notice) => !notice.startsWith('The database '))).to.deep.equal([]);
  });
});
