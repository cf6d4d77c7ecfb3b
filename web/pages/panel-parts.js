/** The pieces that the pages of panels are put together from. Text goes in as text: names of people are no markup. */

/**
 * Makes an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined>} [attributes] `false` and undefined are left out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/**
 * A button.
 *
 * @param {string} words
 * @param {() => void} pressed
 * @param {{ class?: string, label?: string, icon?: string }} [options] `label`: what is read out in place of the words
 */
export function button(words, pressed, { class: look, label, icon } = {}) {
  const element = make('button', { type: 'button', class: look, 'aria-label': label });
  if (icon && document.getElementById(icon)) element.append(symbol(icon));
  element.append(make('span', {}, words));
  element.addEventListener('click', pressed);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} name of a symbol in the page */
function symbol(name) {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#${name}`);
  picture.append(use);
  return picture;
}

/**
 * A pad of digits. The keys of a keyboard type on it as well.
 *
 * @param {object} options
 * @param {string} options.label what the pad is, read out
 * @param {{ ok: string, erase: string }} options.words
 * @param {number} options.least fewest digits
 * @param {number} options.most most digits
 * @param {(typed: string) => void} options.changed
 * @param {(typed: string) => void} options.done
 */
export function keypad({ label, words, least, most, changed, done }) {
  let typed = '';
  /** @param {string} next */
  const set = (next) => {
    typed = next.slice(0, most);
    confirm.disabled = typed.length < least;
    changed(typed);
  };
  const finish = () => {
    if (typed.length >= least) done(typed);
  };
  const confirm = button(words.ok, finish, { class: 'confirm' });
  confirm.disabled = true;
  const digits = Array.from('123456789', (digit) => button(digit, () => set(typed + digit)));
  const pad = make(
    'div',
    { class: 'keypad', role: 'group', 'aria-label': label, tabindex: '-1' },
    ...digits,
    button('⌫', () => set(typed.slice(0, -1)), { class: 'erase', label: words.erase }),
    button('0', () => set(`${typed}0`)),
    confirm,
  );
  pad.addEventListener('keydown', (event) => {
    if (/^[0-9]$/.test(event.key)) set(typed + event.key);
    else if (event.key === 'Backspace') set(typed.slice(0, -1));
    else if (event.key === 'Enter' && event.target === pad) finish();
    else return;
    event.preventDefault();
  });
  return pad;
}

/**
 * A field with its label.
 *
 * @param {string} words
 * @param {Record<string, string>} attributes of the field
 */
export function field(words, attributes) {
  const input = make('input', { required: true, maxlength: '256', ...attributes });
  return { input, row: make('label', {}, make('span', {}, words), input) };
}

/**
 * A form; a keyboard or scanner sends it with Enter.
 *
 * @param {string} send words of the button
 * @param {() => void} sent
 * @param {...Node} children
 */
export function form(send, sent, ...children) {
  const element = make('form', { autocomplete: 'off' }, ...children);
  element.append(make('button', { type: 'submit', class: 'primary' }, make('span', {}, send)));
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    sent();
  });
  return element;
}
