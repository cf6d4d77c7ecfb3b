import { say } from './panel-texts.js';

/** How long words stay that the page says by itself. Milliseconds. */
const SAID_FOR = 10_000;

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

/** @typedef {import('./panel-client.js').Notice} Notice */
/** @typedef {import('./panel-client.js').Text} Text */

/** What was said last: by the gateway, or by the page itself, which comes first. */
export class Notices {
  /** @type {Notice | undefined} */
  #heard;
  /** @type {{ text: Text, until: number } | undefined} */
  #own;
  /** When the notice was said that somebody went on from: they have read it. */
  #read = 0;

  /** @param {Notice | undefined} notice of the gateway */
  hear(notice) {
    this.#heard = notice;
  }

  /** @param {Text} text */
  say(text) {
    this.#own = { text, until: Date.now() + SAID_FOR };
  }

  /** @param {import('./panel-texts.js').TextName} name */
  sayOwn(name) {
    this.say({ en: say('en', name), pl: say('pl', name), it: say('it', name) });
  }

  /** Somebody goes on: what the gateway said before is of no use any more. */
  readSoFar() {
    this.#read = this.#heard?.at ?? this.#read;
  }

  /** Somebody answers: nothing of what was said is of use any more. */
  clear() {
    this.readSoFar();
    this.#own = undefined;
  }

  /**
   * What is to be seen now.
   *
   * @param {import('./panel-texts.js').Language} language
   */
  shown(language) {
    if (this.#own && this.#own.until < Date.now()) this.#own = undefined;
    if (this.#own) return { words: this.#own.text[language], good: false };
    const unread = this.#heard && this.#heard.at > this.#read ? this.#heard : undefined;
    return { words: unread?.text[language] ?? '', good: unread !== undefined && GOOD.has(unread.code) };
  }
}
