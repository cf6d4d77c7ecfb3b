/** The page of a touch panel. It holds a token of its panel, given once, in the storage of this browser. */
import { PanelClient, Refusal, request } from './panel-client.js';
import { clearFragment, Frame, fromFragment } from './panel-frame.js';
import { field, form, make } from './panel-parts.js';
import { Screen } from './panel-screen.js';
import { say } from './panel-texts.js';

const KEPT_AS = 'sezam.panel.token';
/** The next person reads the language of the panel again after this long without a touch. Milliseconds. */
const NEXT_PERSON_AFTER = 60_000;
/** How long to wait where the gateway does not answer at the start. Milliseconds. */
const AGAIN_AFTER = 2_000;

const frame = new Frame();

const given = fromFragment('token');
if (given) {
  localStorage.setItem(KEPT_AS, given);
  clearFragment();
}
await begin(localStorage.getItem(KEPT_AS) ?? undefined);

/**
 * Works with a token, or asks for one.
 *
 * @param {string} [token]
 * @returns {Promise<void>}
 */
async function begin(token) {
  if (!token) {
    askForToken(false);
    return;
  }
  try {
    const { panels } = await request('/api/panels', { token });
    frame.away(false);
    work(token, panels[0]);
  } catch (error) {
    if (error instanceof Refusal && [400, 401, 403].includes(error.status)) {
      localStorage.removeItem(KEPT_AS);
      askForToken(true);
      return;
    }
    frame.away(true);
    setTimeout(() => void begin(token), AGAIN_AFTER);
  }
}

/** @param {boolean} wrong whether the last one was not known */
function askForToken(wrong) {
  const draw = () => {
    const words = (/** @type {import('./panel-texts.js').TextName} */ name) => say(frame.language, name);
    const { input, row } = field(words('token'), { type: 'password', autocomplete: 'off' });
    const sent = () => {
      const token = input.value.trim();
      if (token === '') return;
      localStorage.setItem(KEPT_AS, token);
      void begin(token);
    };
    frame.main.replaceChildren(
      make('p', { class: 'notice', role: 'alert' }, wrong ? words('tokenWrong') : ''),
      make('h2', {}, words('setUp')),
      make('p', {}, words('setUpWords')),
      form(words('start'), sent, row),
    );
  };
  frame.main.className = 'set-up';
  frame.onLanguage(draw);
  draw();
}

/**
 * @param {string} token
 * @param {{ panel: string, name: string, cabinetName: string, compartments: number[] }} about
 */
function work(token, { panel, name, cabinetName, compartments }) {
  frame.main.className = '';
  frame.call(name === panel ? cabinetName : `${cabinetName} · ${name}`);
  const client = new PanelClient(token, panel);
  const screen = new Screen(frame.main, { client, language: frame.language, compartments });
  frame.onLanguage(() => screen.speak(frame.language));
  let touched = Date.now();
  document.addEventListener('pointerdown', () => {
    touched = Date.now();
  });
  const watching = setInterval(() => {
    if (screen.idle && Date.now() - touched > NEXT_PERSON_AFTER) frame.speakPreferred();
  }, 1_000);
  void client.follow({
    view: (view) => {
      frame.away(false);
      screen.show(view);
    },
    away: () => frame.away(true),
    ended: () => {
      clearInterval(watching);
      screen.stop();
      frame.away(false);
      void begin(localStorage.getItem(KEPT_AS) ?? undefined);
    },
  });
}
