import { Refusal } from './panel-client.js';
import { compartmentGrid, loginForm, recipientForm, scanForm } from './panel-forms.js';
import { button, keypad, make } from './panel-parts.js';
import { say } from './panel-texts.js';

/** How long words stay that this page says by itself. Milliseconds. */
const SAID_FOR = 10_000;
/** What was begun and not finished is forgotten after this long without a touch. Milliseconds. */
const FORGOTTEN_AFTER = 45_000;
/** Digits of a compartment number, of a deposit's PIN that is typed, and of a code for a phone. */
const NUMBER = { least: 1, most: 3 };
const ANY_PIN = { least: 4, most: 16 };
const PHONE_CODE = { least: 8, most: 8 };

const FAULTS = /** @type {const} */ ([
  'does-not-open',
  'does-not-close',
  'dirty',
  'damaged',
  'not-empty',
  'other',
]);

/** Notices that say that all is well; any other is a refusal or a warning. */
const GOOD = new Set([
  'open',
  'put-in-and-close',
  'take-out-and-close',
  'take-item-and-close',
  'return-item-and-close',
  'next-compartment',
  'stored',
  'mail-sent',
  'mail-later',
  'collected',
  'taken',
  'returned',
  'cancelled',
  'fault-noted',
]);

/** @typedef {import('./panel-client.js').View} View */
/** @typedef {import('./panel-client.js').Text} Text */
/** @typedef {import('./panel-texts.js').Language} Language */
/** @typedef {import('./panel-texts.js').TextName} TextName */
/**
 * What a person is at, beyond what the gateway knows.
 * @typedef {{ at: 'home' | 'collect' | 'identify-pin' | 'phone' | 'login' | 'scan' | 'set-pin' | 'set-scan' | 'fault' }
 *   | { at: 'collect-pin' | 'fault-reason', compartment: number }
 *   | { at: 'set-pin-again', pin: string }} Doing
 */

/** @type {Doing} */
const HOME = { at: 'home' };

/** What a panel shows and takes, on the page of a panel and on that of a phone. */
export class Screen {
  /** @type {{ stage: HTMLElement, question: HTMLElement, number: HTMLElement, typed: HTMLElement, hint: HTMLElement, left: HTMLElement, notice: HTMLElement, actions: HTMLElement, more: HTMLElement }} */
  #parts;
  #client;
  /** @type {readonly number[]} */
  #compartments;
  /** @type {Language} */
  #language;
  /** @type {View | undefined} */
  #view;
  /** @type {Doing} */
  #doing = HOME;
  /** @type {{ text: Text, until: number } | undefined} */
  #said;
  /** When the notice was said that somebody went on from: they have read it. */
  #read = 0;
  #touched = Date.now();
  #drawn = '';
  #busy = false;
  #ticking;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {import('./panel-client.js').PanelClient} options.client
   * @param {Language} options.language
   * @param {readonly number[]} options.compartments every number of the cabinet
   */
  constructor(root, { client, language, compartments }) {
    this.#client = client;
    this.#language = language;
    this.#compartments = compartments;
    this.#parts = {
      stage: make('div', { class: 'stage' }),
      question: make('h2', { role: 'status' }),
      number: make('p', { class: 'number', 'aria-hidden': 'true' }),
      typed: make('p', { class: 'typed', role: 'status' }),
      hint: make('p', { class: 'hint' }),
      left: make('p', { class: 'left' }),
      notice: make('p', { class: 'notice', role: 'alert' }),
      actions: make('div', { class: 'actions' }),
      more: make('div', { class: 'more' }),
    };
    const { stage, question, number, typed, hint, left, notice, actions, more } = this.#parts;
    stage.append(make('div', { class: 'words' }, question, number, typed, hint), actions);
    root.replaceChildren(notice, stage, make('footer', {}, more, left));
    root.addEventListener('pointerdown', () => this.#touch());
    root.addEventListener('keydown', () => this.#touch());
    this.#ticking = setInterval(() => this.#tick(), 500);
  }

  /** What is shown; undefined before the first view. */
  get view() {
    return this.#view;
  }

  /** Whether nobody is in the middle of anything. */
  get idle() {
    return this.#doing.at === 'home' && !this.#view?.session;
  }

  /** @param {View} view */
  show(view) {
    const before = this.#view;
    this.#view = view;
    // Whoever types goes on typing, until the panel asks for something else.
    if (before?.prompt.code !== view.prompt.code || before.session !== view.session) this.#doing = HOME;
    this.#draw();
  }

  /** @param {Language} language */
  speak(language) {
    this.#language = language;
    this.#draw();
  }

  /** Ends what goes on by itself. */
  stop() {
    clearInterval(this.#ticking);
  }

  #touch() {
    this.#touched = Date.now();
  }

  #tick() {
    if (this.#said && this.#said.until < Date.now()) this.#said = undefined;
    if (this.#doing.at !== 'home' && Date.now() - this.#touched > FORGOTTEN_AFTER) this.#do(HOME);
    this.#drawNotice();
    this.#drawTime();
  }

  #drawTime() {
    const { until } = this.#view ?? {};
    const seconds = until === undefined ? 0 : Math.max(0, Math.floor((until - this.#client.now) / 1_000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.#parts.left.textContent = seconds > 0 ? this.#words('left', { time }) : '';
  }

  /**
   * @param {TextName} name
   * @param {Record<string, string | number>} [values]
   */
  #words = (name, values) => say(this.#language, name, values);

  /** @param {Doing} doing */
  #do(doing) {
    this.#doing = doing;
    this.#read = this.#view?.notice?.at ?? this.#read;
    this.#touch();
    this.#draw();
  }

  /** @param {Text} text */
  #say(text) {
    this.#said = { text, until: Date.now() + SAID_FOR };
    this.#drawNotice();
  }

  /** @param {TextName} name */
  #sayOwn(name) {
    this.#say({ en: say('en', name), pl: say('pl', name), it: say('it', name) });
  }

  /**
   * Answers at the panel; what was typed is forgotten whatever comes back.
   *
   * @param {object} answer
   * @param {{ session?: boolean, again?: Doing }} [options] `session`: meant for the session that is shown and for no
   *   other; `again`: what is asked again where it was refused
   */
  async #answer(answer, { session = false, again = HOME } = {}) {
    if (this.#busy) return;
    this.#busy = true;
    this.#said = undefined;
    this.#read = this.#view?.notice?.at ?? this.#read;
    this.#parts.actions.classList.add('busy');
    try {
      const view = await this.#client.answer(answer, session ? this.#view?.session : undefined);
      this.#doing = HOME;
      this.show(view);
    } catch (error) {
      if (error instanceof Refusal && error.text) this.#say(error.text);
      else this.#sayOwn('failed');
      this.#drawn = '';
      this.#do(again);
    } finally {
      this.#busy = false;
      this.#parts.actions.classList.remove('busy');
    }
  }

  #drawNotice() {
    const { notice } = this.#parts;
    const heard = this.#view?.notice;
    const unread = heard && heard.at > this.#read ? heard : undefined;
    const words = (this.#said ?? unread)?.text[this.#language] ?? '';
    if (notice.textContent !== words) notice.textContent = words;
    const code = this.#said ? undefined : unread?.code;
    notice.classList.toggle('good', code !== undefined && GOOD.has(code));
  }

  #draw() {
    const view = this.#view;
    if (!view) return;
    this.#drawNotice();
    this.#drawTime();
    const { prompt, session, recipients } = view;
    const key = JSON.stringify([prompt, session, recipients, this.#doing, this.#language]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    const { stage, question, number, typed, hint, actions, more } = this.#parts;
    const home = this.#doing.at === 'home';
    const compartment = prompt.values['compartment'];
    typed.textContent = '';
    hint.textContent = home && prompt.answers.includes('identify') ? this.#words('card') : '';
    question.textContent = home ? view.text[this.#language] : '';
    number.textContent = home && compartment !== undefined ? String(compartment) : '';
    stage.className = 'stage';
    actions.replaceChildren(...this.#actions(view));
    more.replaceChildren(...this.#more(view));
    const first = actions.querySelector('.keypad, input');
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }

  /**
   * @param {View} view
   * @returns {Node[]}
   */
  #actions(view) {
    const doing = this.#doing;
    switch (doing.at) {
      case 'home':
        return this.#home(view);
      case 'collect':
        return this.#pad('askCompartment', {}, NUMBER, true, (typed) =>
          this.#do({ at: 'collect-pin', compartment: Number(typed) }),
        );
      case 'collect-pin': {
        const { compartment } = doing;
        return this.#pad('askCollectPin', { compartment }, ANY_PIN, false, (pin) => {
          void this.#answer({ answer: 'collect', compartment, pin }, { again: doing });
        });
      }
      case 'identify-pin':
        return this.#pad('askPin', {}, ANY_PIN, false, (pin) => this.#identify('pin', pin));
      case 'phone':
        return this.#pad('askPhone', {}, PHONE_CODE, true, (code) => this.#identify('phone', code));
      case 'set-pin':
        return this.#newPin(view);
      case 'set-pin-again':
        return this.#pad('askAgain', {}, view.prompt.pin ?? ANY_PIN, false, (pin) => {
          if (pin === doing.pin) {
            void this.#answer({ answer: 'scan', scan: { kind: 'pin', value: pin } }, { session: true });
          } else {
            this.#sayOwn('notAlike');
            this.#do(view.prompt.codes?.length === 1 ? HOME : { at: 'set-pin' });
          }
        });
      case 'set-scan':
        return this.#scan(true);
      case 'scan':
        return this.#scan(false);
      case 'login':
        return this.#login();
      case 'fault':
        this.#ask('askFaultCompartment');
        return this.#grid(this.#compartments, (compartment) => this.#do({ at: 'fault-reason', compartment }));
      case 'fault-reason': {
        const { compartment } = doing;
        this.#ask('askFault', { compartment });
        return FAULTS.map((fault) =>
          button(this.#words(fault), () => void this.#answer({ answer: 'fault', compartment, fault })),
        );
      }
    }
  }

  /**
   * What may be answered to the prompt itself.
   *
   * @param {View} view
   * @returns {Node[]}
   */
  #home({ prompt, recipients = [] }) {
    const may = (/** @type {string} */ answer) => prompt.answers.includes(answer);
    if (may('compartment')) {
      return this.#grid(prompt.compartments ?? [], (compartment) => {
        void this.#answer({ answer: 'compartment', compartment }, { session: true });
      });
    }
    if (may('recipient')) return this.#recipients(recipients);
    if (may('code')) return this.#code(prompt.codes ?? []);
    const all = [];
    const large = (/** @type {TextName} */ name, /** @type {() => void} */ pressed) =>
      button(this.#words(name), pressed, { class: 'large', icon: name });
    if (may('deposit')) all.push(large('deposit', () => void this.#answer({ answer: 'deposit' })));
    if (may('collect')) all.push(large('collect', () => this.#do({ at: 'collect' })));
    if (may('identify')) {
      all.push(
        button(this.#words('pin'), () => this.#do({ at: 'identify-pin' }), { icon: 'pin' }),
        button(this.#words('phone'), () => this.#do({ at: 'phone' }), { icon: 'phone' }),
        button(this.#words('login'), () => this.#do({ at: 'login' }), { icon: 'login' }),
      );
    }
    if (may('identify')) {
      all.push(button(this.#words('scan'), () => this.#do({ at: 'scan' }), { icon: 'scan' }));
    }
    return all;
  }

  /**
   * What is always at hand at the edge of the screen.
   *
   * @param {View} view
   * @returns {Node[]}
   */
  #more({ prompt }) {
    if (this.#doing.at !== 'home') {
      return [button(this.#words('back'), () => this.#do(HOME), { class: 'quiet' })];
    }
    const all = [];
    if (prompt.answers.includes('cancel')) {
      const inside = prompt.code === 'set-pin' || prompt.code === 'choose-recipient';
      const pressed = () => void this.#answer({ answer: 'cancel' }, { session: true });
      all.push(button(this.#words(inside ? 'takeBack' : 'cancel'), pressed, { class: 'quiet' }));
    }
    if (prompt.answers.includes('fault')) {
      all.push(button(this.#words('fault'), () => this.#do({ at: 'fault' }), { class: 'quiet' }));
    }
    return all;
  }

  /**
   * @param {TextName} name
   * @param {Record<string, string | number>} [values]
   */
  #ask(name, values) {
    this.#parts.question.textContent = this.#words(name, values);
  }

  /**
   * Asks for digits.
   *
   * @param {TextName | undefined} question left out: what the prompt asks
   * @param {Record<string, string | number>} values
   * @param {{ least: number, most: number }} digits
   * @param {boolean} plain whether the digits may be seen
   * @param {(typed: string) => void} done
   */
  #pad(question, values, { least, most }, plain, done) {
    if (question) this.#ask(question, values);
    const { typed } = this.#parts;
    this.#parts.stage.classList.add('typing');
    return [
      keypad({
        label: this.#words('keypad'),
        words: { ok: this.#words('ok'), erase: this.#words('erase') },
        least,
        most,
        changed: (digits) => {
          const shown = plain ? digits : '•'.repeat(digits.length);
          const heard = this.#words('typed', { count: digits.length });
          typed.replaceChildren(
            make('span', { 'aria-hidden': 'true' }, shown),
            make('span', { class: 'unseen' }, plain ? digits : heard),
          );
        },
        done,
      }),
    ];
  }

  /** @param {View} view */
  #newPin(view) {
    this.#parts.question.textContent = view.text[this.#language];
    return this.#pad(undefined, {}, view.prompt.pin ?? ANY_PIN, false, (pin) =>
      this.#do({ at: 'set-pin-again', pin }),
    );
  }

  /**
   * A code is to be set: a PIN, or what is scanned.
   *
   * @param {readonly string[]} codes
   */
  #code(codes) {
    const scans = codes.some((code) => code !== 'pin');
    const view = this.#view;
    if (view && !scans) return this.#newPin(view);
    const all = [];
    if (codes.includes('pin')) {
      all.push(
        button(this.#words('setPin'), () => this.#do({ at: 'set-pin' }), { class: 'large', icon: 'pin' }),
      );
    }
    if (scans) {
      all.push(
        button(this.#words('setCode'), () => this.#do({ at: 'set-scan' }), { class: 'large', icon: 'scan' }),
      );
    }
    return all;
  }

  /** @param {boolean} sets whether the code is to be set */
  #scan(sets) {
    this.#ask('askScan');
    return [
      scanForm(this.#words, (scan) => {
        void this.#answer({ answer: 'scan', scan }, { session: sets, again: this.#doing });
      }),
    ];
  }

  #login() {
    this.#ask('askLogin');
    return [
      loginForm(this.#words, (login, password) => {
        const answer = { answer: 'login', login, password };
        void this.#answer(answer, { session: this.#secondPerson, again: { at: 'login' } });
      }),
    ];
  }

  /**
   * @param {'pin' | 'phone'} kind
   * @param {string} value
   */
  #identify(kind, value) {
    void this.#answer(
      { answer: 'scan', scan: { kind, value } },
      { session: this.#secondPerson, again: this.#doing },
    );
  }

  get #secondPerson() {
    return this.#view?.prompt.code === 'second-person';
  }

  /**
   * @param {readonly number[]} numbers
   * @param {(compartment: number) => void} chosen
   */
  #grid(numbers, chosen) {
    this.#parts.stage.classList.add('choosing');
    return [compartmentGrid(this.#words, numbers, chosen)];
  }

  /** @param {readonly import('./panel-client.js').Recipient[]} first */
  #recipients(first) {
    this.#parts.stage.classList.add('choosing');
    return recipientForm(this.#words, {
      first,
      find: (name) => this.#client.recipients(name),
      chosen: (user) => void this.#answer({ answer: 'recipient', user }, { session: true }),
      failed: () => this.#sayOwn('failed'),
    });
  }
}
