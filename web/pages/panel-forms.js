import { button, field, form, make } from './panel-parts.js';

/** How long to wait for more letters of a name before it is looked for. Milliseconds. */
const TYPED_ON_WITHIN = 250;

/** @typedef {(name: import('./panel-texts.js').TextName) => string} Words */
/** @typedef {import('./panel-client.js').Recipient} Recipient */

/**
 * Numbers of compartments to choose from.
 *
 * @param {Words} words
 * @param {readonly number[]} numbers
 * @param {(compartment: number) => void} chosen
 */
export function compartmentGrid(words, numbers, chosen) {
  const label = (/** @type {number} */ number) => `${words('compartment')} ${number}`;
  return make(
    'div',
    { class: 'grid', role: 'group', 'aria-label': words('compartments') },
    ...numbers.map((number) => button(String(number), () => chosen(number), { label: label(number) })),
  );
}

/**
 * Takes what a scanner types, as if on a keyboard.
 *
 * @param {Words} words
 * @param {(scan: { kind: string, value: string }) => void} sent
 */
export function scanForm(words, sent) {
  const { input, row } = field(words('code'), { type: 'password', autocomplete: 'off' });
  const send = () => {
    const scan = readCode(input.value);
    if (scan) sent(scan);
  };
  return form(words('ok'), send, row);
}

/**
 * What a scanner typed: a QR code where its AIM prefix (ISO/IEC 15424) says so, a barcode otherwise. Undefined where
 * it typed nothing.
 *
 * @param {string} typed
 */
function readCode(typed) {
  const [prefix = '', letter] = /^\]([A-Za-z])[0-9A-Za-z]/.exec(typed) ?? [];
  const value = typed.slice(prefix.length).trim();
  return value === '' ? undefined : { kind: letter === 'Q' ? 'qr' : 'barcode', value };
}

/**
 * @param {Words} words
 * @param {(login: string, password: string) => void} sent
 */
export function loginForm(words, sent) {
  const name = { type: 'text', autocomplete: 'off', autocapitalize: 'none', maxlength: '64' };
  const login = field(words('loginName'), name);
  const password = field(words('password'), { type: 'password', autocomplete: 'off' });
  const send = () => sent(login.input.value.trim(), password.input.value);
  return form(words('logIn'), send, login.row, password.row);
}

/**
 * Recipients to choose from; more are found by their name.
 *
 * @param {Words} words
 * @param {object} options
 * @param {readonly Recipient[]} options.first
 * @param {(name: string) => Promise<readonly Recipient[]>} options.find
 * @param {(user: string) => void} options.chosen
 * @param {() => void} options.failed told where nobody could be looked for
 */
export function recipientForm(words, { first, find, chosen, failed }) {
  const list = make('div', { class: 'people', role: 'group', 'aria-label': words('recipients') });
  /** @param {readonly Recipient[]} people */
  const fill = (people) => {
    const rows = people.map(({ user, name }) => button(name, () => chosen(user)));
    list.replaceChildren(...(rows.length > 0 ? rows : [make('p', {}, words('nobody'))]));
  };
  const { input, row } = field(words('search'), { type: 'search', maxlength: '128' });
  let asked = 0;
  /** @param {number} turn an answer that comes after a later question is of no use */
  const look = async (turn) => {
    try {
      const people = await find(input.value);
      if (turn === asked) fill(people);
    } catch {
      failed();
    }
  };
  input.addEventListener('input', () => {
    asked += 1;
    const turn = asked;
    setTimeout(() => {
      if (turn === asked) void look(turn);
    }, TYPED_ON_WITHIN);
  });
  fill(first);
  return [row, list];
}
