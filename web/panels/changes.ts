import type { Response } from 'express';
import type { PanelId } from '../../domain/site.ts';
import type { Gateway, PanelView } from '../../gateway/api.ts';
import type { Authority } from './authority.ts';

/** A sign of life goes out this often, so that both sides notice a dead wire. Milliseconds. */
const HEARTBEAT = 10_000;
/** Streams with one token: a panel that was cut off opens another before the old one is known to be dead. */
const MOST_PER_TOKEN = 8;
/** Streams in all. */
const MOST_STREAMS = 512;
/** A client that does not read must not fill the memory. */
const MOST_UNREAD_BYTES = 262_144;

interface Stream {
  readonly token: string;
  readonly end: (reason: EndReason) => void;
}

type EndReason = 'token-ended' | 'replaced' | 'gateway-stopped';

/** What panels are told of their changes, as server-sent events (WHATWG HTML, 9.2). */
export class Changes {
  /** Oldest first. */
  readonly #streams = new Set<Stream>();
  readonly #gateway: () => Gateway | undefined;
  readonly #heartbeat: number;

  /** @param heartbeat how often a sign of life goes out; milliseconds */
  constructor(gateway: () => Gateway | undefined, heartbeat = HEARTBEAT) {
    this.#gateway = gateway;
    this.#heartbeat = heartbeat;
  }

  /**
   * Tells a client what a panel shows, now and at each change: events `view` with a `PanelView`. An event `end` with
   * its reason is the last one.
   *
   * @param seen what of a view is for this client
   */
  follow(
    response: Response,
    gateway: Gateway,
    panel: PanelId,
    { id: token, until }: Authority,
    seen: (view: PanelView) => object,
  ): void {
    this.#makeRoom(token);
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    response.flushHeaders();
    const send = (text: string): void => {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      else response.write(text);
    };
    const show = (view: PanelView | undefined): void => {
      if (view) send(`event: view\ndata: ${JSON.stringify(seen(view))}\n\n`);
    };
    const stream: Stream = {
      token,
      end: (reason) => {
        send(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
        response.end();
        forget();
      },
    };
    const unfollow = gateway.onPanel(panel, show);
    const beating = setInterval(() => {
      if (this.#gateway() !== gateway) stream.end('gateway-stopped');
      else send(': alive\n\n');
    }, this.#heartbeat);
    const ending =
      until === undefined
        ? undefined
        : setTimeout(() => stream.end('token-ended'), Math.max(0, until - Date.now()));
    const forget = (): void => {
      unfollow();
      clearInterval(beating);
      clearTimeout(ending);
      this.#streams.delete(stream);
    };
    response.on('close', forget);
    this.#streams.add(stream);
    show(gateway.panel(panel));
  }

  /** Ends everything that is told to a token: its right is over. */
  endFor(token: string): void {
    for (const stream of this.#streams) if (stream.token === token) stream.end('token-ended');
  }

  /** Ends the oldest stream where there would be one too many. */
  #makeRoom(token: string): void {
    const own = [...this.#streams].filter((stream) => stream.token === token);
    if (own.length >= MOST_PER_TOKEN) own[0]?.end('replaced');
    if (this.#streams.size >= MOST_STREAMS) [...this.#streams][0]?.end('replaced');
  }
}
