import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'chai';
import type { Role } from '../../../domain/identification.ts';
import { ALARM, FAILED } from '../../../web/administration/shapes.ts';
import { ACTOR, type PanelSite } from './panel-site.ts';

const ajv = new Ajv({ allowUnionTypes: true });
const isAlarm = ajv.compile(ALARM);
const isFailed = ajv.compile(FAILED);

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An alarm as the API tells it, as far as tests look at it. */
export interface ToldAlarm {
  readonly id: string;
  readonly text: string;
  readonly retained: boolean;
  readonly silent: boolean;
  readonly current: { readonly number: number; readonly acknowledged: boolean; readonly ended?: string };
  readonly shelving?: { readonly shelved: string; readonly until?: string };
  readonly comment?: { readonly text: string; readonly actor: object };
  readonly [name: string]: unknown;
}

/** A program that works over the administration API with the token of a user. */
export class ApiClient {
  readonly user: string;
  /** Id of the token. */
  readonly id: string;
  readonly token: string;
  readonly #site: PanelSite;

  private constructor(site: PanelSite, user: string, id: string, token: string) {
    this.#site = site;
    this.user = user;
    this.id = id;
    this.token = token;
  }

  /** Of a new user with these roles. */
  static async of(site: PanelSite, ...roles: readonly Role[]): Promise<ApiClient> {
    const user = await site.administration.addUser({ name: 'Somebody', roles, groups: [] }, ACTOR);
    const { id, token } = await site.administration.apiTokens.add(user, {}, ACTOR);
    return new ApiClient(site, user, id, token);
  }

  async ask(
    path: string,
    init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<ApiReply> {
    const response = await fetch(`${this.#site.address}/api${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${this.token}`, ...init.headers },
    });
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as ApiReply['body'] };
  }

  /** Sends a body, as JSON where it is none already. */
  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiReply> {
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    return this.ask(path, {
      method: 'POST',
      ...(sent !== undefined && { body: sent }),
      headers: { ...(sent !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    });
  }

  /** Does something to an alarm that is done. */
  async handles(alarm: string, command: string, body?: object): Promise<ToldAlarm> {
    return alarmIn(await this.post(`/alarms/${encodeURIComponent(alarm)}/${command}`, body));
  }

  /** Does something to an alarm that is refused: status and code. */
  async isRefused(alarm: string, command: string, body?: unknown): Promise<string> {
    return failureIn(await this.post(`/alarms/${encodeURIComponent(alarm)}/${command}`, body));
  }
}

/** The alarm in a reply, which is one as the description says. */
export function alarmIn({ status, body }: ApiReply): ToldAlarm {
  expect(status, JSON.stringify(body)).to.equal(200);
  expect(Object.keys(body)).to.deep.equal(['alarm']);
  return checked<ToldAlarm>(isAlarm, body['alarm']);
}

/** The alarms in a reply. */
export function alarmsIn({ status, body }: ApiReply): readonly ToldAlarm[] {
  expect(status, JSON.stringify(body)).to.equal(200);
  return (body['alarms'] as unknown[]).map((alarm) => checked<ToldAlarm>(isAlarm, alarm));
}

/** Status and code of a reply that says why nothing was done. */
export function failureIn({ status, body }: ApiReply): string {
  const { code } = checked<{ readonly code: string }>(isFailed, body);
  return `${status} ${code}`;
}

function checked<Told>(fits: ValidateFunction, told: unknown): Told {
  expect(fits(told), JSON.stringify([told, fits.errors])).to.equal(true);
  return told as Told;
}
