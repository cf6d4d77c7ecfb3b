import type { LocalizedText } from '../../domain/texts/texts.ts';
import { type Scene, Stage, type StageOptions } from './stage.ts';

/** What happens at one cabinet of the demo site, to show one mode. It leaves the cabinet as it found it. */
export interface Story extends Scene {
  readonly title: LocalizedText;
  play(stage: Stage): Promise<void>;
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
export async function play(story: Story, options: StageOptions): Promise<void> {
  options.write(`${story.title[options.language]}`);
  const stage = await Stage.enter(story, options);
  try {
    await story.play(stage);
  } finally {
    await stage.leave();
  }
}
