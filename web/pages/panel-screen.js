import { Refusal } from './panel-client.js';
import { compartmentGrid, loginForm, recipientForm, scanForm } from './panel-forms.js';
import { Notices } from './panel-notices.js';
import { button, keypad } from './panel-parts.js';
import { Stage } from './panel-stage.js';
import { say } from './panel-texts.js';

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

/** @typedef {import('./panel-client.js').View} View */
/** @typedef {import('./panel-texts.js').Language} Language */
/** @typedef {import('./panel-texts.js').TextName} TextName */
/**
 * What a person is at, beyond what the gateway knows.
 * @typedef {{ at: 'home' | 'collect' | 'identify-pin' | 'phone' | 'login' | 'scan' | 'set-pin' | 'set-scan' | 'fault' }
 *   | { at: 'collect-pin' | 'fault-reason', compartment: number }
 *   | { at: 'set-pin-again', pin: string }} Doing
 */

/** @typedef {Omit<Parameters<Stage['fill']>[0], 'more'>} Asked */

/** @type {Doing} */
const HOME = { at: 'home' };

/** What a panel shows and takes, on the page of a panel and on that of a phone. */
export class Screen {
  #stage;
  #client;
  /** @type {readonly number[]} */
  #compartments;
  /** @type {Language} */
  #language;
  /** @type {View | undefined} */
  #view;
  /** @type {Doing} */
  #doing = HOME;
  #notices = new Notices();
  #touched = Date.now();
  #drawn = '';
  /** How many views were shown. */
  #views = 0;
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
    this.#stage = new Stage(root);
    root.addEventListener('pointerdown', () => this.#touch());
    root.addEventListener('keydown', () => this.#touch());
    this.#ticking = setInterval(() => this.#tick(), 500);
  }

  /** Whether nobody is in the middle of anything. */
  get idle() {
    return this.#doing.at === 'home' && !this.#view?.session;
  }

  /** @param {View} view */
  show(view) {
    const before = this.#view;
    this.#view = view;
    this.#views += 1;
    this.#notices.hear(view.notice);
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
    if (this.#doing.at !== 'home' && Date.now() - this.#touched > FORGOTTEN_AFTER) this.#do(HOME);
    this.#drawNotice();
    this.#drawTime();
  }

  #drawTime() {
    const { until } = this.#view ?? {};
    const seconds = until === undefined ? 0 : Math.max(0, Math.floor((until - this.#client.now) / 1_000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.#stage.left(seconds > 0 ? this.#words('left', { time }) : '');
  }

  /**
   * @param {TextName} name
   * @param {Record<string, string | number>} [values]
   */
  #words = (name, values) => say(this.#language, name, values);

  /** @param {Doing} doing */
  #do(doing) {
    this.#doing = doing;
    this.#notices.readSoFar();
    this.#touch();
    this.#draw();
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
    this.#notices.clear();
    this.#stage.busy(true);
    try {
      const views = this.#views;
      const view = await this.#client.answer(answer, session ? this.#view?.session : undefined);
      this.#doing = HOME;
      // What was told of a change in the meantime is newer than the reply.
      if (views === this.#views) this.show(view);
      else this.#draw();
    } catch (error) {
      if (error instanceof Refusal && error.text) this.#notices.say(error.text);
      else this.#notices.sayOwn('failed');
      this.#drawn = '';
      this.#do(again);
    } finally {
      this.#busy = false;
      this.#stage.busy(false);
    }
  }

  #drawNotice() {
    const { words, good } = this.#notices.shown(this.#language);
    this.#stage.notice(words, good);
  }

  #draw() {
    const view = this.#view;
    if (!view) return;
    this.#drawNotice();
    this.#drawTime();
    const { prompt, session, recipients } = view;
    const doing = this.#doing;
    // What changes behind a pad that somebody types on is no reason to empty it.
    const asked = doing.at === 'home' ? [prompt, session, recipients] : [prompt.code, session, doing];
    const key = JSON.stringify([asked, this.#language]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#stage.fill({ more: this.#more(view), ...this.#asking(view) });
  }

  /**
   * @param {View} view
   * @returns {Asked}
   */
  #asking(view) {
    const doing = this.#doing;
    const { pin = ANY_PIN, codes = [] } = view.prompt;
    switch (doing.at) {
      case 'home':
        return this.#home(view);
      case 'collect':
        return this.#pad(this.#words('askCompartment'), NUMBER, true, (typed) =>
          this.#do({ at: 'collect-pin', compartment: Number(typed) }),
        );
      case 'collect-pin': {
        const { compartment } = doing;
        return this.#pad(this.#words('askCollectPin', { compartment }), ANY_PIN, false, (typed) => {
          void this.#answer({ answer: 'collect', compartment, pin: typed }, { again: doing });
        });
      }
      case 'identify-pin':
        return this.#pad(this.#words('askPin'), ANY_PIN, false, (typed) => this.#identify('pin', typed));
      case 'phone':
        return this.#pad(this.#words('askPhone'), PHONE_CODE, true, (typed) =>
          this.#identify('phone', typed),
        );
      case 'set-pin':
        return this.#newPin(view);
      case 'set-pin-again':
        return this.#pad(this.#words('askAgain'), pin, false, (typed) => {
          if (typed === doing.pin) {
            void this.#answer({ answer: 'scan', scan: { kind: 'pin', value: typed } }, { session: true });
          } else {
            this.#notices.sayOwn('notAlike');
            this.#do(codes.length === 1 ? HOME : { at: 'set-pin' });
          }
        });
      case 'set-scan':
        return this.#scan(true);
      case 'scan':
        return this.#scan(false);
      case 'login':
        return this.#login();
      case 'fault':
        return this.#grid(this.#words('askFaultCompartment'), this.#compartments, (compartment) =>
          this.#do({ at: 'fault-reason', compartment }),
        );
      case 'fault-reason': {
        const { compartment } = doing;
        const send = (/** @type {string} */ fault) =>
          void this.#answer({ answer: 'fault', compartment, fault });
        return {
          question: this.#words('askFault', { compartment }),
          actions: FAULTS.map((fault) => button(this.#words(fault), () => send(fault))),
        };
      }
    }
  }

  /**
   * What the prompt itself asks.
   *
   * @param {View} view
   * @returns {Asked}
   */
  #home(view) {
    const { prompt, text, recipients = [] } = view;
    const question = text[this.#language];
    const may = (/** @type {string} */ answer) => prompt.answers.includes(answer);
    if (may('compartment')) {
      return this.#grid(question, prompt.compartments ?? [], (compartment) => {
        void this.#answer({ answer: 'compartment', compartment }, { session: true });
      });
    }
    if (may('recipient')) return this.#recipients(question, recipients);
    if (may('code')) return this.#code(view);
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
        button(this.#words('scan'), () => this.#do({ at: 'scan' }), { icon: 'scan' }),
      );
    }
    const hint = may('identify') ? this.#words('card') : '';
    return { question, number: numberIn(view), hint, actions: all };
  }

  /**
   * What is always at hand at the edge of the screen.
   *
   * @param {View} view
   * @returns {Node[]}
   */
  #more({ prompt }) {
    if (this.#doing.at !== 'home') return [button(this.#words('back'), () => this.#do(HOME))];
    const all = [];
    if (prompt.answers.includes('cancel')) {
      const inside = prompt.code === 'set-pin' || prompt.code === 'choose-recipient';
      const pressed = () => void this.#answer({ answer: 'cancel' }, { session: true });
      all.push(button(this.#words(inside ? 'takeBack' : 'cancel'), pressed));
    }
    if (prompt.answers.includes('fault')) {
      all.push(button(this.#words('fault'), () => this.#do({ at: 'fault' })));
    }
    return all;
  }

  /**
   * Asks for digits.
   *
   * @param {string} question
   * @param {{ least: number, most: number }} digits
   * @param {boolean} plain whether the digits may be seen
   * @param {(typed: string) => void} done
   * @returns {Asked}
   */
  #pad(question, digits, plain, done) {
    const pad = keypad({
      ...digits,
      label: this.#words('keypad'),
      words: { ok: this.#words('ok'), erase: this.#words('erase') },
      changed: (typed) => {
        const count = this.#words('typed', { count: typed.length });
        this.#stage.typed(plain ? typed : '•'.repeat(typed.length), plain ? typed : count);
      },
      done,
    });
    return { question, layout: 'typing', actions: [pad] };
  }

  /**
   * @param {View} view
   * @returns {Asked}
   */
  #newPin(view) {
    const { prompt, text } = view;
    const pad = this.#pad(text[this.#language], prompt.pin ?? ANY_PIN, false, (typed) =>
      this.#do({ at: 'set-pin-again', pin: typed }),
    );
    return { ...pad, number: numberIn(view) };
  }

  /**
   * A code is to be set: a PIN, or what is scanned.
   *
   * @param {View} view
   * @returns {Asked}
   */
  #code(view) {
    const { prompt, text } = view;
    const { codes = [] } = prompt;
    if (codes.every((code) => code === 'pin')) return this.#newPin(view);
    const scan = button(this.#words('setCode'), () => this.#do({ at: 'set-scan' }), {
      class: 'large',
      icon: 'scan',
    });
    const pin = button(this.#words('setPin'), () => this.#do({ at: 'set-pin' }), {
      class: 'large',
      icon: 'pin',
    });
    return { question: text[this.#language], actions: codes.includes('pin') ? [pin, scan] : [scan] };
  }

  /**
   * @param {boolean} sets whether the code is to be set
   * @returns {Asked}
   */
  #scan(sets) {
    const again = this.#doing;
    const form = scanForm(this.#words, (scan) => {
      void this.#answer({ answer: 'scan', scan }, { session: sets || this.#secondPerson, again });
    });
    return { question: this.#words('askScan'), actions: [form] };
  }

  /** @returns {Asked} */
  #login() {
    const form = loginForm(this.#words, (login, password) => {
      const answer = { answer: 'login', login, password };
      void this.#answer(answer, { session: this.#secondPerson, again: { at: 'login' } });
    });
    return { question: this.#words('askLogin'), actions: [form] };
  }

  /**
   * @param {'pin' | 'phone'} kind
   * @param {string} value
   */
  #identify(kind, value) {
    const answer = { answer: 'scan', scan: { kind, value } };
    void this.#answer(answer, { session: this.#secondPerson, again: this.#doing });
  }

  get #secondPerson() {
    return this.#view?.prompt.code === 'second-person';
  }

  /**
   * @param {string} question
   * @param {readonly number[]} numbers
   * @param {(compartment: number) => void} chosen
   * @returns {Asked}
   */
  #grid(question, numbers, chosen) {
    return { question, layout: 'choosing', actions: [compartmentGrid(this.#words, numbers, chosen)] };
  }

  /**
   * @param {string} question
   * @param {readonly import('./panel-client.js').Recipient[]} first
   * @returns {Asked}
   */
  #recipients(question, first) {
    const actions = recipientForm(this.#words, {
      first,
      find: (name) => this.#client.recipients(name),
      chosen: (user) => void this.#answer({ answer: 'recipient', user }, { session: true }),
      failed: () => this.#notices.sayOwn('failed'),
    });
    return { question, layout: 'choosing', actions };
  }
}

/** @param {View} view */
function numberIn({ prompt }) {
  const { compartment } = prompt.values;
  return compartment === undefined ? '' : String(compartment);
}
