import { expect } from 'chai';
import type { CabinetEvent, CabinetEvents } from '../../../domain/cabinet/events.ts';

/** A grant as the log tells it. */
interface GrantOnRecord {
  readonly data: CabinetEvents['compartment-granted'];
  /** By which event it ended: each grant has one end. */
  ended?: CabinetEvent['type'];
}

/**
 * What the log alone says of grants, holders and codes, read without the code that is under test: the rules compare
 * the cabinet with it.
 */
export class Ledger {
  readonly grants = new Map<string, GrantOnRecord>();
  /** Who holds what, by compartment. */
  readonly holders = new Map<number, ReadonlySet<string>>();
  /** Codes that open now, with their compartment. */
  readonly live = new Map<string, number>();
  /** Codes that were ever given, with their compartment. */
  readonly known = new Map<string, number>();
  /** When each person's door last opened for them. */
  readonly opened = new Map<string, number>();

  read(event: CabinetEvent, at: number): void {
    const { type, data } = event;
    if (type === 'compartment-granted') this.#granted(data);
    if (type === 'door-opened') this.#opened(data, at);
    if (type === 'grant-lapsed' || type === 'unlock-failed') this.#ended(type, data);
    if (type === 'door-closed') this.#closed(data);
    if (type === 'compartment-assigned') this.#hold(data.compartment, [data.user], []);
    if (type === 'compartment-released') this.#released(data);
    if (type === 'code-assigned' || type === 'deposit-stored') this.#live(data.code.id, data.compartment);
    if (type === 'deposit-abandoned') this.#expire(data.compartment);
    if (type === 'deposit-mail' && data.session) this.#expire(data.compartment);
    if (type === 'mode-changed') {
      this.holders.clear();
      this.live.clear();
      this.opened.clear();
    }
  }

  #granted(data: CabinetEvents['compartment-granted']): void {
    expect(this.grants.has(data.grant), `${data.grant} was granted before`).to.equal(false);
    this.grants.set(data.grant, { data });
    if (data.allocation === 'new' && data.user) this.#hold(data.compartment, [data.user], []);
    if (data.newCode) this.known.set(data.newCode.id, data.compartment);
  }

  #opened({ grant, compartment, user }: CabinetEvents['door-opened'], at: number): void {
    this.#endGrant(grant, 'door-opened', compartment);
    if (user !== undefined) this.opened.set(user, at);
  }

  #ended(
    type: 'grant-lapsed' | 'unlock-failed',
    { grant, compartment, freed }: CabinetEvents['grant-lapsed'] | CabinetEvents['unlock-failed'],
  ): void {
    const { data } = this.#endGrant(grant, type, compartment);
    if (freed && data.allocation === 'new' && data.user) this.#hold(compartment, [], [data.user]);
    // After a restart a deposit counts as left, and its code was set beforehand.
    if (!freed && data.newCode && data.purpose === 'deposit') this.#live(data.newCode.id, compartment);
  }

  #released({ compartment, users, deposit }: CabinetEvents['compartment-released']): void {
    this.#hold(compartment, [], users);
    if (deposit !== undefined || !this.holders.get(compartment)?.size) this.#expire(compartment);
  }

  #endGrant(grant: string, by: CabinetEvent['type'], compartment: number): GrantOnRecord {
    const known = this.grants.get(grant);
    if (!known) return expect.fail(`${by} of ${grant}, which nobody granted`);
    expect(known.ended, `${by} of ${grant}, which had ended before`).to.equal(undefined);
    expect(known.data.compartment, `${by} of ${grant} at another compartment`).to.equal(compartment);
    known.ended = by;
    return known;
  }

  #closed({ compartment, outcome, users = [], next, grant }: CabinetEvents['door-closed']): void {
    if (outcome === 'collected') this.#expire(compartment);
    if (outcome === 'ended') {
      this.#hold(compartment, [], users);
      this.#expire(compartment);
    }
    const newCode = grant === undefined ? undefined : this.grants.get(grant)?.data.newCode;
    if (outcome === 'deposited' && !next && newCode) this.#live(newCode.id, compartment);
  }

  #hold(compartment: number, gained: readonly string[], lost: readonly string[]): void {
    const holders = new Set([...(this.holders.get(compartment) ?? []), ...gained]);
    for (const user of lost) holders.delete(user);
    this.holders.set(compartment, holders);
  }

  #live(code: string, compartment: number): void {
    this.#expire(compartment);
    this.live.set(code, compartment);
    this.known.set(code, compartment);
  }

  #expire(compartment: number): void {
    for (const [code, place] of this.live) if (place === compartment) this.live.delete(code);
  }
}
