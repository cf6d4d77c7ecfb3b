import type { LocalizedText } from '../../domain/texts/texts.ts';
import { CassetteStage } from './cassette-stage.ts';
import { type Scene, Stage, type StageOptions } from './stage.ts';

/** What happens at one cabinet of the demo site, to show one mode. It leaves the cabinet as it found it. */
export interface Story extends Scene {
  readonly title: LocalizedText;
  play(stage: Stage): Promise<void>;
}

/** What happens to one cassette of the demo site, to show one way of managing it. It leaves the cassette as it found it. */
export interface CassetteStory {
  readonly cassette: string;
  readonly title: LocalizedText;
  play(stage: CassetteStage): Promise<void>;
}

/** Somebody closes a door, in words. */
export const CLOSES_DOOR = {
  anna: {
    en: 'Anna closes compartment {compartment}.',
    pl: 'Anna zamyka skrytkę {compartment}.',
    it: 'Anna chiude lo scomparto {compartment}.',
  },
  marek: {
    en: 'Marek closes compartment {compartment}.',
    pl: 'Marek zamyka skrytkę {compartment}.',
    it: 'Marek chiude lo scomparto {compartment}.',
  },
  giulia: {
    en: 'Giulia closes compartment {compartment}.',
    pl: 'Giulia zamyka skrytkę {compartment}.',
    it: 'Giulia chiude lo scomparto {compartment}.',
  },
} as const satisfies Readonly<Record<string, LocalizedText>>;

/** Plays a story against the running demo site. Rejects with a `StoryError` where it cannot go on. */
export async function play(story: Story | CassetteStory, options: StageOptions): Promise<void> {
  options.write(`${story.title[options.language]}`);
  if ('cassette' in story) {
    const stage = await CassetteStage.enter(story.cassette, options);
    try {
      await story.play(stage);
    } finally {
      await stage.leave();
    }
    return;
  }
  const stage = await Stage.enter(story, options);
  try {
    await story.play(stage);
  } finally {
    await stage.leave();
  }
}
