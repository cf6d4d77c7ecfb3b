import { eventually } from '../../support/eventually.ts';

/** An event as a browser would hand it over. */
export interface ServerEvent {
  readonly event: string;
  /** Id of the event, where it has one. */
  readonly id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A stream of server-sent events as a client reads it. */
export class EventStream {
  readonly status: number;
  readonly headers: Headers;
  readonly events: ServerEvent[] = [];
  /** Comments, which are signs of life. */
  comments = 0;
  ended = false;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response).catch(() => {
      this.ended = true;
    });
  }

  static async open(
    address: string,
    token: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(address, {
      headers: { ...headers, Authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    return new EventStream(response, abort);
  }

  /** Waits for an event that fits. */
  async heard(what: string, fits: (event: ServerEvent) => boolean): Promise<void> {
    await eventually(what, () => this.events.some(fits));
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let unread = '';
    for await (const chunk of response.body ?? []) {
      unread += decoder.decode(chunk, { stream: true });
      const blocks = unread.split('\n\n');
      unread = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
    this.ended = true;
  }

  #take(block: string): void {
    const [, event, id, data] = /^event: (\w+)\n(?:id: (.*)\n)?data: (.*)$/.exec(block) ?? [];
    if (event === undefined || data === undefined) this.comments += 1;
    else {
      const parsed = JSON.parse(data) as ServerEvent['data'];
      this.events.push({ event, ...(id !== undefined && { id }), data: parsed });
    }
  }
}
