/** The panel of the gateway in memory: shows what a test tells it to, and remembers what it was answered. */
import { type RefusalCode, refusal } from '../../domain/refusals.ts';
import { promptText, textOf } from '../../domain/texts/texts.ts';
import type { PanelAnswer, PanelView, Refused } from '../../gateway/api.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';

/** What the panel shows before anybody has done anything. */
export const IDLE: PanelView = {
  panel: 'panel-1',
  cabinet: 'A',
  prompt: {
    code: 'deposit-or-collect',
    values: {},
    answers: ['deposit', 'collect', 'fault'],
  },
  text: promptText({ code: 'deposit-or-collect', values: {} }),
};

export class TestPanel {
  view: PanelView = IDLE;
  /** While set, an answer is refused for this. */
  refuses: RefusalCode | undefined;
  readonly answers: { readonly answer: PanelAnswer; readonly session: string | undefined }[] = [];
  readonly #listeners = new Set<(view: PanelView) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  on(listener: (view: PanelView) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The panel shows something else from now on. */
  show(change: Partial<PanelView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener(this.view);
  }

  /** Takes an answer: after `deposit` a compartment is to be chosen, after everything else nothing goes on. */
  answer(answer: PanelAnswer, session?: string): { readonly ok: true; readonly view: PanelView } | Refused {
    this.answers.push({ answer, session });
    if (this.refuses) {
      const reason = refusal(this.refuses);
      return { ok: false, refusal: reason, text: textOf(reason) };
    }
    const prompt =
      answer.answer === 'deposit'
        ? { code: 'choose-compartment', values: {}, answers: ['compartment', 'cancel'], compartments: [1, 3] }
        : IDLE.prompt;
    this.show({ prompt, text: promptText(prompt as PanelView['prompt']) } as Partial<PanelView>);
    return { ok: true, view: this.view };
  }
}
