import { make } from './panel-parts.js';

/** Where everything of a panel stands on the screen. */
export class Stage {
  #root;
  #stage = make('div', { class: 'stage' });
  #question = make('h2', { role: 'status' });
  #number = make('p', { class: 'number', 'aria-hidden': 'true' });
  #typed = make('p', { class: 'typed', role: 'status' });
  #hint = make('p', { class: 'hint' });
  #left = make('p', { class: 'left' });
  #notice = make('p', { class: 'notice', role: 'alert' });
  #actions = make('div', { class: 'actions' });
  #more = make('div', { class: 'more' });

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    const words = make('div', { class: 'words' }, this.#question, this.#number, this.#typed, this.#hint);
    this.#stage.append(words, this.#actions);
    root.replaceChildren(this.#notice, this.#stage, make('footer', {}, this.#more, this.#left));
  }

  /**
   * Shows what is asked and what may be done.
   *
   * @param {object} shown
   * @param {string} shown.question
   * @param {string} [shown.number] of a compartment, to be seen from afar
   * @param {string} [shown.hint]
   * @param {'keys' | 'typing' | 'choosing'} [shown.layout]
   * @param {readonly Node[]} shown.actions
   * @param {readonly Node[]} shown.more at the edge of the screen
   */
  fill({ question, number = '', hint = '', layout = 'keys', actions, more }) {
    const within = this.#root.contains(document.activeElement);
    const scrolled = this.#actions.scrollTop;
    this.#question.textContent = question;
    this.#number.textContent = number;
    this.#hint.textContent = hint;
    this.#typed.textContent = '';
    this.#stage.className = `stage ${layout}`;
    this.#actions.replaceChildren(...actions);
    this.#actions.scrollTop = scrolled;
    this.#more.replaceChildren(...more);
    // Whoever works with a keyboard goes on where the next thing is to be done.
    const next =
      this.#actions.querySelector('.keypad, input') ?? (within && this.#actions.querySelector('button'));
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  /**
   * @param {string} shown what is seen of what was typed
   * @param {string} heard what is read out of it
   */
  typed(shown, heard) {
    this.#typed.replaceChildren(
      make('span', { 'aria-hidden': 'true' }, shown),
      make('span', { class: 'unseen' }, heard),
    );
  }

  /**
   * @param {string} words
   * @param {boolean} good whether all is well
   */
  notice(words, good) {
    if (this.#notice.textContent !== words) this.#notice.textContent = words;
    this.#notice.classList.toggle('good', good);
  }

  /** @param {string} words how much time is left */
  left(words) {
    if (this.#left.textContent !== words) this.#left.textContent = words;
  }

  /** @param {boolean} busy whether an answer is under way; nothing can be pressed then */
  busy(busy) {
    this.#actions.classList.toggle('busy', busy);
  }
}
