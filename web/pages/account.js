/** The page on which a person replaces a password, the one-time password of the first start above all. */
const TEXTS = {
  en: {
    title: 'Set your password',
    introduction:
      'Enter the one-time password that Sezam printed when it started, or the password that you have now.',
    login: 'Login',
    current: 'One-time or present password',
    next: 'New password',
    again: 'New password again',
    hint: 'At least 12 characters; several words make a good one.',
    submit: 'Set password',
    done: 'Your password is set. You can log in with it now.',
    editor: 'Open the editor',
    'not-alike': 'The new passwords are not alike.',
    missing: 'Please fill in every field.',
    'password-too-short': 'The new password needs at least 12 characters.',
    'password-wrong': 'Login and password do not fit.',
    'too-many-attempts': 'Too many tries. Please wait a quarter of an hour.',
    failed: 'That did not work. Please try again.',
  },
  pl: {
    title: 'Ustaw swoje hasło',
    introduction: 'Podaj hasło jednorazowe, które Sezam wypisał przy uruchomieniu, albo swoje obecne hasło.',
    login: 'Login',
    current: 'Hasło jednorazowe lub obecne',
    next: 'Nowe hasło',
    again: 'Nowe hasło ponownie',
    hint: 'Co najmniej 12 znaków; najlepiej kilka słów.',
    submit: 'Ustaw hasło',
    done: 'Hasło zostało ustawione. Możesz się nim teraz zalogować.',
    editor: 'Otwórz edytor',
    'not-alike': 'Nowe hasła nie są takie same.',
    missing: 'Wypełnij wszystkie pola.',
    'password-too-short': 'Nowe hasło musi mieć co najmniej 12 znaków.',
    'password-wrong': 'Login i hasło nie pasują do siebie.',
    'too-many-attempts': 'Za dużo prób. Odczekaj kwadrans.',
    failed: 'Nie udało się. Spróbuj ponownie.',
  },
  it: {
    title: 'Imposti la sua password',
    introduction:
      "Inserisca la password monouso che Sezam ha mostrato all'avvio, oppure la sua password attuale.",
    login: 'Nome utente',
    current: 'Password monouso o attuale',
    next: 'Nuova password',
    again: 'Nuova password di nuovo',
    hint: 'Almeno 12 caratteri; più parole insieme vanno bene.',
    submit: 'Imposta la password',
    done: 'La password è impostata. Ora può accedere con questa.',
    editor: "Apri l'editor",
    'not-alike': 'Le nuove password non sono uguali.',
    missing: 'Compili tutti i campi.',
    'password-too-short': 'La nuova password deve avere almeno 12 caratteri.',
    'password-wrong': 'Nome utente e password non corrispondono.',
    'too-many-attempts': "Troppi tentativi. Attenda un quarto d'ora.",
    failed: 'Non ha funzionato. Riprovi.',
  },
};

const SHORTEST = 12;
/** @type {keyof typeof TEXTS} */
let language = 'en';

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (element('password-form'));
const message = element('message');

/** @param {keyof typeof TEXTS} chosen */
function show(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  for (const part of document.querySelectorAll('[data-text]')) {
    const key = /** @type {keyof typeof TEXTS.en} */ (part.getAttribute('data-text'));
    part.textContent = TEXTS[chosen][key];
  }
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.getAttribute('data-language') === chosen));
  }
  message.textContent = '';
}

/** @param {string} code */
function complain(code) {
  const texts = TEXTS[language];
  message.textContent = code in texts ? texts[/** @type {keyof typeof texts} */ (code)] : texts.failed;
}

/** @param {{ login: string, current: string, next: string }} change */
async function send(change) {
  const response = await fetch('/account/password', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(change),
    signal: AbortSignal.timeout(15_000),
  });
  if (response.ok) return;
  const answer = await response.json().catch(() => ({}));
  throw new Error(String(answer.code ?? 'failed'));
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});

async function submit() {
  message.textContent = '';
  const data = new FormData(form);
  const [login, current, next, again] = ['login', 'current', 'next', 'again'].map((name) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  });
  if (!login || !current || !next || !again) return complain('missing');
  if (next !== again) return complain('not-alike');
  if (next.length < SHORTEST) return complain('password-too-short');
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button[type="submit"]'));
  button.disabled = true;
  try {
    await send({ login: login.trim(), current, next });
    form.hidden = true;
    element('done').hidden = false;
    form.reset();
  } catch (error) {
    complain(error instanceof Error ? error.message : 'failed');
  } finally {
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    show(/** @type {keyof typeof TEXTS} */ (button.getAttribute('data-language')));
  });
}
const preferred = navigator.languages.map((name) => name.slice(0, 2)).find((name) => name in TEXTS) ?? 'en';
show(/** @type {keyof typeof TEXTS} */ (preferred));
