import { FAULT_REASONS } from '../../domain/cabinet/events.ts';
import { refusal } from '../../domain/refusals.ts';
import type { Gateway, PanelAnswer, PanelView, Refused } from '../api.ts';
import { SCAN_KINDS } from '../credential-kinds.ts';
import type { LineClient } from '../line-socket.ts';
import { refused } from '../refused.ts';
import { COMPARTMENT, shape, TEXT } from './shapes.ts';

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

const VISIT_ANSWERS: { readonly [Name in VisitAnswer['answer']]: Readonly<Record<string, object>> } = {
  scan: {
    scan: {
      type: 'object',
      additionalProperties: false,
      required: ['kind', 'value'],
      properties: { kind: { enum: SCAN_KINDS }, value: TEXT },
    },
  },
  login: { login: TEXT, password: TEXT },
  deposit: {},
  collect: { compartment: COMPARTMENT, pin: TEXT },
  compartment: { compartment: COMPARTMENT },
  recipient: { user: TEXT },
  cancel: {},
  fault: { compartment: COMPARTMENT, fault: { enum: FAULT_REASONS } },
};

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
        oneOf: Object.entries(VISIT_ANSWERS).map(([name, properties]) => ({
          additionalProperties: false,
          required: Object.keys(properties),
          properties: { answer: { const: name }, ...properties },
        })),
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
