/** `sezam-session`: one panel: takes what people answer there, and tells what it shows. */
import { FAULT_REASONS } from '../../domain/cabinet/events.ts';
import { REFUSAL_CODES, refusal } from '../../domain/refusals.ts';
import type { Gateway, PanelAnswer, PanelView, Refused } from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain, NodeError } from '../errors.ts';
import { anewWithSite, followGateway, watchGateway } from '../gateway-user.ts';
import { referenceIn } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { compartmentIn, fieldsIn, refuseSecrets, secretInMessage, textIn, wordIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { inWords, panelStatus, STATUS, type StatusText } from '../status.ts';

interface SessionSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of the panel in the site file; a reader without a panel is one of its own id. */
  readonly panel: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', panel: '' })];

/** Answers that hold no secret, and `show`, which answers nothing and asks what the panel shows. */
const ANSWERS = ['deposit', 'compartment', 'recipient', 'cancel', 'fault', 'show'] as const;
/** Answers that hold a secret: they come from the readers of the panel. */
const SECRET_ANSWERS: readonly unknown[] = ['collect', 'scan', 'login'];

const REFUSALS: ReadonlySet<string> = new Set(REFUSAL_CODES);

interface Answered {
  readonly ok: true;
  readonly view: PanelView;
}

/** What a message wants of a panel. */
export interface PanelRequest {
  /** Left out: what the panel shows is asked for. */
  readonly answer?: PanelAnswer;
  readonly session?: string;
}

/**
 * Reads what a message wants of a panel: `presentation` from a reader node, or `answer` with what belongs to it.
 * @throws NodeError `secret-in-message`, `message-malformed`
 */
export function panelRequest(payload: unknown): PanelRequest {
  refuseSecrets(payload);
  const said = fieldsIn(payload);
  const session = said['session'] === undefined ? {} : { session: textIn(said, 'session') };
  if (said['answer'] === undefined && said['presentation'] !== undefined) {
    const presentation = referenceIn(payload, 'presentation');
    return { answer: { answer: 'presentation', presentation }, ...session };
  }
  if (SECRET_ANSWERS.includes(said['answer'])) {
    throw secretInMessage(`msg.payload.answer is "${String(said['answer'])}"`);
  }
  const answer = wordIn(said, 'answer', ANSWERS);
  switch (answer) {
    case 'show':
      return session;
    case 'deposit':
    case 'cancel':
      return { answer: { answer }, ...session };
    case 'compartment':
      return { answer: { answer, compartment: compartmentIn(said) }, ...session };
    case 'recipient':
      return { answer: { answer, user: textIn(said, 'user') }, ...session };
    case 'fault': {
      const fault = wordIn(said, 'fault', FAULT_REASONS);
      return { answer: { answer, compartment: compartmentIn(said), fault }, ...session };
    }
  }
}

/** What a panel shows, in the status: its prompt; that somebody was refused, as long as the panel says so. */
export function viewStatus({ prompt, session, notice }: PanelView): StatusText {
  if (notice && REFUSALS.has(notice.code)) return STATUS.refused;
  return panelStatus(prompt.code, session !== undefined, prompt.values['compartment']);
}

/** What a panel shows now, as an answer. */
function shownAt(gateway: Gateway, panel: string): Answered | Refused {
  const view = gateway.panel(panel);
  if (view) return { ok: true, view };
  const unknown = refusal('panel-unknown', { panel });
  return { ok: false, refusal: unknown, text: gateway.textOf(unknown) };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-session', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<SessionSettings>(definition, migrations);
    const panel = settings.panel.trim();
    const noPanel = (): NodeError =>
      new NodeError(
        'setting-missing',
        `Node "${this.name || this.type}" names no panel: choose one, and deploy.`,
      );
    let closed = false;
    let shown: PanelView | undefined;
    let told = '';
    let answersUnderWay = 0;
    const tell = (): void => {
      // While a message waits for its answer, that message is the one to tell what the panel shows.
      if (closed || answersUnderWay > 0 || !shown || JSON.stringify(shown) === told) return;
      told = JSON.stringify(shown);
      this.send([{ topic: panel, payload: structuredClone(shown) }, null]);
    };

    const station: Station<PanelRequest, Answered> = {
      read(payload) {
        if (panel === '') throw noPanel();
        return panelRequest(payload);
      },
      async ask(gateway, { answer, session }) {
        answersUnderWay += 1;
        try {
          const answered = answer ? await gateway.answer(panel, answer, session) : shownAt(gateway, panel);
          if (answered.ok) told = JSON.stringify(answered.view);
          return answered;
        } finally {
          answersUnderWay -= 1;
          // After the answer itself has left; what was heard before it may be older than what it shows.
          setImmediate(() => {
            shown = gateway.panel(panel) ?? shown;
            tell();
          });
        }
      },
      payload: ({ view }) => structuredClone({ ...view }),
      status: ({ view }) => viewStatus(view),
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.gateway, station);

    const show = (status: StatusText): void => this.status(inWords(RED, status));
    const failed = (thrown: unknown): void => {
      const { error, status } = explain(thrown);
      show(status);
      this.error(error.message);
    };
    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      anewWithSite((gateway) => {
        if (panel === '') throw noPanel();
        const view = gateway.panel(panel);
        if (!view) {
          const known = gateway.panels().map((each) => each.panel);
          throw new NodeError(
            'panel-not-in-site',
            `The site has no panel "${panel}"; it has ${known.join(', ') || 'none'}. Choose one, and deploy.`,
          );
        }
        show(viewStatus(view));
        return gateway.onPanel(panel, (next) => {
          shown = next;
          show(viewStatus(next));
          tell();
        });
      }, failed),
      () => {
        shown = undefined;
        told = '';
      },
      failed,
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      closed = true;
      unfollow();
      done();
    });
  });
}
