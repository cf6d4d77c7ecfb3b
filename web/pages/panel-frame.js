import { LANGUAGES, preferredLanguage, say } from './panel-texts.js';

/** @typedef {import('./panel-texts.js').Language} Language */

/** What stands around the pages of panels: the languages, and whether there is a connection. */
export class Frame {
  /** @type {Language} */
  language = preferredLanguage();
  #preferred = this.language;
  #away = false;
  #changed = () => {};
  main = /** @type {HTMLElement} */ (document.querySelector('main'));

  constructor() {
    for (const language of LANGUAGES) {
      const pressed = document.querySelector(`[data-language="${language}"]`);
      pressed?.addEventListener('click', () => this.speak(language));
    }
    this.speak(this.language);
  }

  /** @param {() => void} changed called when another language was chosen */
  onLanguage(changed) {
    this.#changed = changed;
  }

  /** @param {Language} language */
  speak(language) {
    this.language = language;
    document.documentElement.lang = language;
    for (const each of document.querySelectorAll('[data-language]')) {
      each.setAttribute('aria-pressed', String(each.getAttribute('data-language') === language));
    }
    this.away(this.#away);
    this.#changed();
  }

  /** The next person reads their own language again. */
  speakPreferred() {
    if (this.language !== this.#preferred) this.speak(this.#preferred);
  }

  /** @param {string} name what stands at the top */
  call(name) {
    const title = document.querySelector('h1');
    if (title) title.textContent = name;
    document.title = name;
  }

  /** @param {boolean} away whether the gateway cannot be reached; nothing can be pressed then */
  away(away) {
    this.#away = away;
    this.main.inert = away;
    const message = document.getElementById('away');
    if (message) message.textContent = away ? say(this.language, 'away') : '';
  }
}

/**
 * What stands behind the `#` of the address, by name. It reaches no server and no log on its way here.
 *
 * @param {string} name
 */
export function fromFragment(name) {
  return new URLSearchParams(location.hash.slice(1)).get(name) ?? undefined;
}

/** Takes it out of the address bar and the history. */
export function clearFragment() {
  history.replaceState(null, '', location.pathname);
}
