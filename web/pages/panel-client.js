/** The panel API as the pages use it. The token stands in a header of each request, never in an address. */

/** How long an answer may take. Milliseconds. */
const ANSWERED_WITHIN = 15_000;
/** A sign of life comes every 10 s; after this long without one the wire is dead. Milliseconds. */
const SILENT_AFTER = 25_000;
/** Waits between tries to connect: the first, and the longest. Milliseconds. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** @typedef {Record<'en' | 'pl' | 'it', string>} Text */
/** @typedef {{ code: string, values: Record<string, string | number>, text: Text, at: number }} Notice */
/** @typedef {{ user: string, name: string }} Recipient */
/**
 * @typedef {object} View
 * @property {string} panel
 * @property {{ code: string, values: Record<string, string | number>, answers: string[], compartments?: number[],
 *   codes?: string[], pin?: { least: number, most: number } }} prompt
 * @property {Text} text
 * @property {string} [session]
 * @property {number} [until]
 * @property {Recipient[]} [recipients]
 * @property {Notice} [notice]
 */

/** What the gateway refused, or why it was not asked. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, text?: Text }} body
   */
  constructor(status, { code = 'failed', text }) {
    super(code);
    this.status = status;
    this.code = code;
    this.text = text;
  }
}

/**
 * Sends a request and gives the JSON of its reply.
 *
 * @param {string} path
 * @param {{ token?: string, body?: object }} [options]
 * @returns {Promise<any>}
 */
export async function request(path, { token, body } = {}) {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    cache: 'no-store',
    signal: AbortSignal.timeout(ANSWERED_WITHIN),
  });
  const reply = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, reply);
  return reply;
}

/** One panel: what it shows, and what is answered there. */
export class PanelClient {
  #token;
  #panel;
  /** How far the clock of the gateway is ahead of this one. Milliseconds. */
  #ahead = 0;
  #over = new AbortController();

  /**
   * @param {string} token
   * @param {string} panel
   */
  constructor(token, panel) {
    this.#token = token;
    this.#panel = panel;
  }

  /** What time it is at the gateway. Milliseconds. */
  get now() {
    return Date.now() + this.#ahead;
  }

  /**
   * @param {object} answer
   * @param {string} [session] the session that the answer is meant for
   * @returns {Promise<View>}
   */
  answer(answer, session) {
    const body = { answer, ...(session && { session }) };
    return request(`${this.#path}/answers`, { token: this.#token, body });
  }

  /**
   * @param {string} name part of the name
   * @returns {Promise<Recipient[]>}
   */
  async recipients(name) {
    const path = `${this.#path}/recipients?name=${encodeURIComponent(name)}`;
    return (await request(path, { token: this.#token })).recipients;
  }

  /**
   * Follows the panel until the token is good for nothing any more, or `stop` is called; connects again by itself.
   *
   * @param {{ view: (view: View) => void, away: () => void, ended: () => void }} listener
   */
  async follow(listener) {
    let wait = FIRST_WAIT;
    while (!this.#over.signal.aborted) {
      try {
        await this.#listen((view) => {
          wait = FIRST_WAIT;
          listener.view(view);
        });
      } catch (error) {
        if (error instanceof Refusal && [401, 403, 404].includes(error.status)) {
          listener.ended();
          return;
        }
        // Another page took this one's place: taking it back at once would go on for ever.
        if (error instanceof Refusal && error.status === 429) wait = LONGEST_WAIT;
      }
      if (this.#over.signal.aborted) return;
      listener.away();
      // Panels that lost their gateway together do not come back in step.
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  stop() {
    this.#over.abort();
  }

  get #path() {
    return `/api/panels/${encodeURIComponent(this.#panel)}`;
  }

  /** @param {(view: View) => void} shown */
  async #listen(shown) {
    const silent = new AbortController();
    let watching = setTimeout(() => silent.abort(), SILENT_AFTER);
    try {
      const response = await fetch(`${this.#path}/changes`, {
        headers: { Authorization: `Bearer ${this.#token}` },
        cache: 'no-store',
        signal: AbortSignal.any([silent.signal, this.#over.signal]),
      });
      if (!response.ok || !response.body) throw new Refusal(response.status, {});
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) this.#ahead = date - Date.now();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let unread = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(watching);
        watching = setTimeout(() => silent.abort(), SILENT_AFTER);
        const blocks = `${unread}${value}`.split('\n\n');
        unread = blocks.pop() ?? '';
        for (const block of blocks) {
          if (block.startsWith('event: end') && block.includes('replaced')) throw new Refusal(429, {});
          const [, data] = /^event: view\ndata: (.*)$/.exec(block) ?? [];
          if (data) shown(JSON.parse(data));
        }
      }
    } finally {
      clearTimeout(watching);
    }
  }
}
