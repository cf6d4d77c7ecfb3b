/** `npm run demo -- mode-4 --language pl`: plays the story of a mode or a cassette against the running demo site. */
import { parseArgs } from 'node:util';
import { readSettings } from '../config/settings.ts';
import { LANGUAGES, type Language } from '../domain/texts/texts.ts';
import { story as cassette1 } from './demo/stories/cassette-1.ts';
import { story as cassette2 } from './demo/stories/cassette-2.ts';
import { story as cassette3 } from './demo/stories/cassette-3.ts';
import { story as mode1 } from './demo/stories/mode-1.ts';
import { story as mode2 } from './demo/stories/mode-2.ts';
import { story as mode3 } from './demo/stories/mode-3.ts';
import { story as mode4 } from './demo/stories/mode-4.ts';
import { story as mode5 } from './demo/stories/mode-5.ts';
import { story as mode6 } from './demo/stories/mode-6.ts';
import { story as mode6Mail } from './demo/stories/mode-6-mail.ts';
import { type CassetteStory, play, type Story } from './demo/story.ts';
import { outliveReader } from './line-client.ts';

const STORIES: Readonly<Record<string, Story | CassetteStory>> = {
  'mode-1': mode1,
  'mode-2': mode2,
  'mode-3': mode3,
  'mode-4': mode4,
  'mode-5': mode5,
  'mode-6': mode6,
  'mode-6-mail': mode6Mail,
  'cassette-1': cassette1,
  'cassette-2': cassette2,
  'cassette-3': cassette3,
};

/** How long people take between two things that they do, where nothing else is said. Milliseconds. */
const PACE = 800;
/** A card is held for 300 ms, and after another 500 ms a reader takes the next one for another. Milliseconds. */
const CARDS_APART = 1_000;
/** A key that was lifted is gone after 300 ms, and counts again 2 s later. Milliseconds. */
const KEYS_APART = 2_600;

function usage(language: Language = 'en'): string {
  return [
    'Usage: npm run demo -- STORY [--language en|pl|it] [--pace MILLISECONDS]',
    '',
    ...Object.entries(STORIES).map(([name, { title }]) => `  ${name.padEnd(11)}  ${title[language]}`),
  ].join('\n');
}

// A story leaves its cabinet as it found it.
outliveReader();

try {
  const { values, positionals } = parseArgs({
    options: { language: { type: 'string', default: 'en' }, pace: { type: 'string', default: String(PACE) } },
    allowPositionals: true,
  });
  const language = LANGUAGES.find((each) => each === values.language);
  const story = STORIES[positionals[0] ?? ''];
  const pace = Number(values.pace);
  if (!story || !language || !Number.isInteger(pace) || pace < 0 || pace > 60_000) {
    console.error(usage(language));
    process.exit(2);
  }
  const { dataFolder } = readSettings(process.env);
  await play(story, {
    dataFolder,
    language,
    pace,
    cardsApart: CARDS_APART,
    keysApart: KEYS_APART,
    write: (line) => console.log(line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
