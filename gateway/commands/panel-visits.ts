import { refusal } from '../../domain/refusals.ts';
import { ANSWERS } from '../answer-shapes.ts';
import type { Gateway, PanelAnswer, PanelView, Refused } from '../api.ts';
import type { LineClient } from '../line-socket.ts';
import { refused } from '../refused.ts';
import { shape, TEXT } from './shapes.ts';

/** What a person does at a panel; readers hand over what they read by themselves. */
export type VisitAnswer = Exclude<PanelAnswer, { readonly answer: 'presentation' }>;

/** What the command line does at a panel, in a person's place. */
export type VisitCommand =
  /** What it shows now. `follow-panel`: and every change of it from now on, each as a `PanelMessage`. */
  | { readonly do: 'panel' | 'follow-panel'; readonly panel: string }
  | {
      readonly do: 'panel-answer';
      readonly panel: string;
      readonly answer: VisitAnswer;
      /** Id of the session that the answer is meant for. */
      readonly session?: string;
    };

/** What is told of a panel that is followed. */
export interface PanelMessage {
  readonly view: PanelView;
}

const { presentation: _, ...VISIT_ANSWERS } = ANSWERS;

/** JSON schemas of the commands. */
export const VISIT_SHAPES: readonly object[] = [
  shape(['panel', 'follow-panel'], { panel: TEXT }),
  shape(
    ['panel-answer'],
    {
      panel: TEXT,
      answer: {
        type: 'object',
        required: ['answer'],
        discriminator: { propertyName: 'answer' },
        oneOf: Object.values(VISIT_ANSWERS),
      },
      session: TEXT,
    },
    ['session'],
  ),
];

/** Carries out what was asked of a panel. The answer is what it shows, as `view`, or the refusal. */
export async function carryOutAtPanel(
  command: VisitCommand,
  gateway: Pick<Gateway, 'answer' | 'onPanel' | 'panel'>,
  client: LineClient,
): Promise<{ readonly ok: true; readonly view: PanelView } | Refused> {
  const { panel } = command;
  if (command.do === 'panel-answer') return gateway.answer(panel, command.answer, command.session);
  const view = gateway.panel(panel);
  if (!view) return refused(refusal('panel-unknown', { panel }));
  if (command.do === 'follow-panel') {
    client.onGone(gateway.onPanel(panel, (changed) => client.send({ view: changed } satisfies PanelMessage)));
  }
  return { ok: true, view };
}
