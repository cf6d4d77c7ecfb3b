import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../../domain/event.ts';
import type { Milliseconds, PanelId } from '../../domain/site.ts';
import type { PanelTokenDocument, PanelTokenRepository } from '../../models/panel-tokens.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import { newId, newToken } from '../secrets.ts';
import { AdministrationError } from './errors.ts';
import type { Records } from './records.ts';

/** Tokens that the panels of one gateway may have. */
const MOST_TOKENS = 1_000;
/** `<id>.<secret>`: the id is no secret, the rest is 256 bits in base64url. */
const SHAPE = /^(panel-token-[0-9a-f]{24})\.([A-Za-z0-9_-]{43})$/;

/** A token as it was just made; it is nowhere else. */
export interface NewPanelToken {
  readonly id: string;
  readonly panel: PanelId;
  readonly token: string;
}

/** A token as administrators see it: never what it is. */
export interface PanelTokenView {
  readonly id: string;
  readonly panel: PanelId;
  readonly createdAt: Milliseconds;
}

/** What a token is good for: its panel, and nothing else. */
export interface PanelRight {
  readonly id: string;
  readonly panel: PanelId;
}

export interface PanelTokensParts {
  readonly tokens: PanelTokenRepository;
  /** Id of the site. */
  readonly site: string;
  /** The panels of this gateway at the moment. */
  readonly panels: () => ReadonlySet<PanelId>;
  readonly clock: Clock;
}

/**
 * The tokens of this gateway's panels. They are looked up in memory, so that a panel works while the database is away.
 * Those of a panel that another gateway has are given out and taken away there, where that counts at once.
 */
export class PanelTokens {
  readonly #parts: PanelTokensParts;
  readonly #records: Records;
  readonly #known = new Map<string, PanelTokenDocument>();
  readonly #watchers = new Set<(id: string) => void>();

  constructor(parts: PanelTokensParts, records: Records) {
    this.#parts = parts;
    this.#records = records;
  }

  /** After a start: puts on record what is not, and learns what is in force. */
  async recover(): Promise<void> {
    await this.#records.recover(this.#parts.tokens);
    await this.#learn();
  }

  /** There are other panels now: those that went let nobody in any more, those that came whomever they did before. */
  async panelsChanged(): Promise<void> {
    const panels = this.#parts.panels();
    for (const [id, { panel }] of this.#known) {
      if (panels.has(panel)) continue;
      this.#known.delete(id);
      for (const watcher of this.#watchers) watcher(id);
    }
    await this.#learn();
  }

  async #learn(): Promise<void> {
    const { tokens, site, panels } = this.#parts;
    for (const token of await tokens.of(site)) {
      if (panels().has(token.panel)) this.#known.set(token._id, token);
    }
  }

  /** Makes a token for a panel of this gateway. It is stored as a digest only: this is the one time that it is told. */
  async add(panel: PanelId, actor: Actor): Promise<NewPanelToken> {
    const { tokens, site, panels, clock } = this.#parts;
    if (!panels().has(panel)) {
      throw new AdministrationError('panel-unknown', `This gateway has no panel "${panel}".`);
    }
    if (this.#known.size >= MOST_TOKENS) {
      throw new AdministrationError(
        'too-many-tokens',
        `There are ${MOST_TOKENS} tokens already. Remove those that are in no use.`,
      );
    }
    const id = newId('panel-token');
    const secret = newToken();
    const event = this.#records.prepare({ type: 'panel-token-added', actor, data: { token: id, panel } });
    const document: PanelTokenDocument = {
      _id: id,
      site,
      panel,
      digest: digestOf(secret).toString('hex'),
      createdAt: new Date(clock.now()),
      unrecorded: [event],
    };
    await tokens.add(document);
    this.#known.set(id, document);
    await this.#records.settle(tokens, id, event);
    return { id, panel, token: `${id}.${secret}` };
  }

  /** Ends the right of a token at once; whoever follows a panel with it is told nothing more. */
  async remove(id: string, actor: Actor): Promise<void> {
    const { tokens, site, clock } = this.#parts;
    const panel = this.#known.get(id)?.panel;
    const unknown = new AdministrationError('panel-token-unknown', `There is no panel token "${id}".`);
    if (panel === undefined) throw unknown;
    const event = this.#records.prepare({ type: 'panel-token-removed', actor, data: { token: id, panel } });
    const found = await tokens.remove(site, id, new Date(clock.now()), event);
    this.#known.delete(id);
    for (const watcher of this.#watchers) watcher(id);
    if (!found) throw unknown;
    await this.#records.settle(tokens, id, event);
  }

  /** Tokens in force, the oldest first. */
  list(): readonly PanelTokenView[] {
    return [...this.#known.values()].map(({ _id: id, panel, createdAt }) => ({
      id,
      panel,
      createdAt: createdAt.getTime(),
    }));
  }

  /** What a token is good for; undefined where it is none, or is no more. */
  rightOf(token: string): PanelRight | undefined {
    const [, id = '', secret = ''] = SHAPE.exec(token) ?? [];
    const known = this.#known.get(id);
    if (!known || !timingSafeEqual(digestOf(secret), Buffer.from(known.digest, 'hex'))) return undefined;
    return { id, panel: known.panel };
  }

  /** Calls `listener` with the id of each token that is taken away. */
  onRemoved(listener: (id: string) => void): Unsubscribe {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
