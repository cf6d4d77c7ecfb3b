/** The page behind a one-time link. Looking at it opens nothing: programs look at links before people do. */
import { PanelClient, Refusal, request } from './panel-client.js';
import { clearFragment, Frame, fromFragment } from './panel-frame.js';
import { button, make } from './panel-parts.js';
import { Screen } from './panel-screen.js';
import { say } from './panel-texts.js';

/** After these nothing more is to be told of a visit: what follows at the panel is other people's. */
const LAST = new Set([
  'stored',
  'mail-sent',
  'mail-later',
  'collected',
  'taken',
  'returned',
  'nothing-taken',
  'nothing-returned',
  'wrong-item',
  'cancelled',
  'timed-out',
  'abandoned',
]);

/** @type {import('./panel-client.js').Text} */
const NOTHING = { en: '', pl: '', it: '' };

/** @typedef {{ cabinet: string, cabinetName: string, panels: { panel: string, name: string }[], validUntil: number }} Access */

const frame = new Frame();
const token = fromFragment('token');

if (token) await look(token);
else tell(() => say(frame.language, 'noLink'));

/**
 * @param {() => string} words
 * @param {() => void} [again] what may be tried again
 */
function tell(words, again) {
  const draw = () => {
    const { language, main } = frame;
    main.replaceChildren(make('p', { class: 'notice', role: 'alert' }, words()));
    if (again) main.append(button(say(language, 'again'), again, { class: 'primary' }));
  };
  frame.main.className = 'set-up';
  frame.onLanguage(draw);
  draw();
}

/** @param {import('./panel-client.js').Text} text the last that is to be said */
function finish(text) {
  const draw = () => {
    const { language, main } = frame;
    main.replaceChildren(
      make('h2', { role: 'status' }, text[language]),
      make('p', {}, say(language, 'finished')),
    );
  };
  frame.main.className = 'set-up';
  frame.onLanguage(draw);
  draw();
}

/**
 * Says why, and offers another look where the link may be good yet.
 *
 * @param {unknown} error
 * @param {string} link
 */
function refuse(error, link) {
  const { text, code } = error instanceof Refusal ? error : { text: undefined, code: '' };
  const again = code === 'link-over' ? undefined : () => void look(link);
  tell(() => text?.[frame.language] ?? say(frame.language, 'failed'), again);
}

/** @param {string} link */
async function look(link) {
  tell(() => say(frame.language, 'looking'));
  try {
    offer(link, await request('/api/phone/look', { body: { token: link } }));
  } catch (error) {
    refuse(error, link);
  }
}

/**
 * Says what the link opens, and where.
 *
 * @param {string} link
 * @param {Access} access
 */
function offer(link, access) {
  const { cabinetName: cabinet, panels, validUntil } = access;
  const draw = () => {
    const { language } = frame;
    const time = new Date(validUntil).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
    const [only] = panels;
    const one = panels.length === 1 && only;
    const words = one
      ? say(language, 'openWords', { cabinet, panel: only.name, time })
      : say(language, 'openWhere', { cabinet, time });
    frame.main.replaceChildren(
      make('h2', {}, words),
      ...panels.map(({ panel, name }) =>
        button(
          one ? say(language, 'open') : say(language, 'openAt', { panel: name }),
          () => void open(link, panel, access),
          {
            class: 'primary',
          },
        ),
      ),
    );
  };
  frame.main.className = '';
  frame.onLanguage(draw);
  draw();
}

/**
 * @param {string} link
 * @param {string} panel
 * @param {Access} access
 */
async function open(link, panel, { cabinetName }) {
  tell(() => say(frame.language, 'looking'));
  try {
    const { visit, view } = await request('/api/phone/open', { body: { token: link, panel } });
    clearFragment();
    follow(new PanelClient(visit, panel), view, cabinetName);
  } catch (error) {
    refuse(error, link);
  }
}

/**
 * Tells how it goes on, and asks what the panel would ask.
 *
 * @param {PanelClient} client
 * @param {import('./panel-client.js').View} first
 * @param {string} cabinetName
 */
function follow(client, first, cabinetName) {
  frame.main.className = '';
  frame.call(cabinetName);
  const screen = new Screen(frame.main, { client, language: frame.language, compartments: [] });
  frame.onLanguage(() => screen.speak(frame.language));
  /** @type {import('./panel-client.js').Notice | undefined} */
  let said;
  /** @param {import('./panel-client.js').View} view */
  const show = (view) => {
    said = view.notice ?? said;
    if (view.notice && LAST.has(view.notice.code)) {
      client.stop();
      screen.stop();
      finish(view.notice.text);
    } else if (view.session) screen.show(view);
    // What the panel asks of others is not for this page; what was said last stays.
    else {
      const prompt = { code: '', values: said?.values ?? {}, answers: [] };
      screen.show({ panel: view.panel, prompt, text: said?.text ?? NOTHING });
    }
  };
  show(first);
  const end = () => frame.away(false);
  void client.follow({ view: show, away: () => frame.away(true), ended: end }).then(end);
}
