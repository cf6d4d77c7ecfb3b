import { Ajv } from 'ajv';
import { lockedUntil } from '../domain/attempts.ts';
import type { CabinetEvents } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import { ROLES } from '../domain/identification.ts';
import type { Refusal } from '../domain/refusals.ts';
import { type Administration, AdministrationError } from './administration.ts';
import type { EventQuery, Gateway, PossessionQuery, Refused } from './api.ts';
import { type LineClient, type LineSocket, openLineSocket } from './line-socket.ts';

/** What the command line asks of the gateway that runs on the same computer. */
export type Command =
  | { readonly do: 'list-users' }
  /** Every event of every cabinet from now on, a line each, until the client ends. */
  | { readonly do: 'follow' }
  | { readonly do: 'occupancy'; readonly cabinet?: string }
  | ({ readonly do: 'who-has' } & PossessionQuery)
  /** The query is checked by whoever answers it. */
  | { readonly do: 'events'; readonly query: EventQuery }
  | {
      readonly do: 'add-user';
      readonly name: string;
      readonly login?: string;
      readonly roles: readonly (typeof ROLES)[number][];
      readonly groups: readonly string[];
    }
  | {
      readonly do: 'add-credential';
      readonly user: string;
      readonly kind: 'card' | 'pin';
      readonly value: string;
    }
  | { readonly do: 'block-user' | 'unblock-user'; readonly user: string }
  | { readonly do: 'block-credential' | 'unblock-credential'; readonly credential: string }
  | { readonly do: 'one-time-password'; readonly login: string }
  | {
      readonly do: 'add-item';
      readonly name: string;
      readonly tag: string;
      readonly tagKind: 'nfc' | 'barcode' | 'qr';
    }
  | {
      readonly do: 'open' | 'release' | 'block' | 'unblock' | 'return-to-service';
      readonly cabinet: string;
      readonly compartment: number;
      readonly reason: string;
    }
  | {
      readonly do: 'assign' | 'withdraw';
      readonly cabinet: string;
      readonly compartment: number;
      readonly user: string;
      readonly reason: string;
    };

/** The answer to a command: one line of JSON. */
export type CommandAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

const TEXT = { type: 'string', minLength: 1, maxLength: 512 } as const;
const COMPARTMENT = { type: 'integer', minimum: 1, maximum: 512 } as const;
const TEXTS = { type: 'array', maxItems: 100, items: TEXT } as const;

function shape(
  names: readonly string[],
  properties: Readonly<Record<string, object>>,
  optional: readonly string[] = [],
) {
  return {
    additionalProperties: false,
    required: ['do', ...Object.keys(properties).filter((name) => !optional.includes(name))],
    properties: { do: { enum: names }, ...properties },
  };
}

const validate = new Ajv({ discriminator: true, allowUnionTypes: true }).compile<Command>({
  type: 'object',
  required: ['do'],
  discriminator: { propertyName: 'do' },
  oneOf: [
    shape(['list-users', 'follow'], {}),
    shape(['occupancy'], { cabinet: TEXT }, ['cabinet']),
    shape(['who-has'], { user: TEXT, item: TEXT }, ['user', 'item']),
    shape(['events'], { query: { type: 'object' } }),
    shape(
      ['add-user'],
      { name: TEXT, login: TEXT, roles: { type: 'array', items: { enum: ROLES } }, groups: TEXTS },
      ['login'],
    ),
    shape(['add-credential'], { user: TEXT, kind: { enum: ['card', 'pin'] }, value: TEXT }),
    shape(['block-user', 'unblock-user'], { user: TEXT }),
    shape(['block-credential', 'unblock-credential'], { credential: TEXT }),
    shape(['one-time-password'], { login: TEXT }),
    shape(['add-item'], { name: TEXT, tag: TEXT, tagKind: { enum: ['nfc', 'barcode', 'qr'] } }),
    shape(['open', 'release', 'block', 'unblock', 'return-to-service'], {
      cabinet: TEXT,
      compartment: COMPARTMENT,
      reason: TEXT,
    }),
    shape(['assign', 'withdraw'], { cabinet: TEXT, compartment: COMPARTMENT, user: TEXT, reason: TEXT }),
  ],
});

/** What `follow` tells of an event. */
export interface FollowedEvent {
  readonly stream: string;
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Where somebody was turned away: the sentence that they are told. */
  readonly text?: string;
}

/**
 * Serves the command line of this computer over a Unix socket that only this operating-system user can open: one
 * `Command` a line, one `CommandAnswer` a line. Whoever can open it could read the data folder as well.
 *
 * @param path under 107 bytes, in a folder of this user alone
 */
export function openCommandSocket(
  path: string,
  gateway: Gateway,
  administration: Administration,
): Promise<LineSocket> {
  return openLineSocket(
    path,
    (command, client) => {
      if (!validate(command)) throw new AdministrationError('malformed', wordsFor(validate.errors));
      if (command.do === 'follow') return follow(gateway, client);
      return carryOut(command, gateway, administration);
    },
    refusalOf,
  );
}

function wordsFor(errors: typeof validate.errors): string {
  const error = errors?.at(-1);
  return `The command is not understood: ${error?.instancePath ?? ''} ${error?.message ?? 'it is wrong'}.`;
}

function refusalOf(error: unknown): CommandAnswer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AdministrationError) return { ok: false, code: error.code, message };
  return { ok: false, code: error instanceof SyntaxError ? 'malformed' : 'failed', message };
}

function follow(gateway: Gateway, client: LineClient): CommandAnswer {
  client.onGone(
    gateway.onChange(({ event, cabinet }) => {
      const { stream, seq, at, type, data } = event;
      const text =
        event.type === 'access-refused'
          ? gateway.textOf({ code: event.data.reason, values: refusedValues(event.data, at, cabinet) }).en
          : undefined;
      client.send({
        stream,
        seq,
        at,
        type,
        data: { ...data },
        ...(text && { text }),
      } satisfies FollowedEvent);
    }),
  );
  return done('following');
}

/** What the sentence for a refusal names: the event keeps only what cannot be told from its stream and time. */
function refusedValues(
  data: CabinetEvents['access-refused'],
  at: string,
  cabinet: CabinetState,
): Refusal['values'] {
  const tries = cabinet.wrongTries.get(data.reader ?? '');
  const wait = tries ? lockedUntil(tries.count, tries.last) - Date.parse(at) : 0;
  const { duress: _silent, ...said } = data;
  return { ...said, cabinet: cabinet.setting.id, seconds: Math.max(0, Math.ceil(wait / 1_000)) };
}

async function carryOut(
  command: Exclude<Command, { do: 'follow' }>,
  gateway: Gateway,
  administration: Administration,
): Promise<CommandAnswer> {
  const actor = { kind: 'machine', id: 'command-line' } as const;
  switch (command.do) {
    case 'list-users': {
      const users = await administration.users();
      return done(
        users.map(({ _id: id, name, login, roles, groups, blocked }) => ({
          id,
          name,
          login,
          roles,
          groups,
          blocked,
        })),
      );
    }
    case 'occupancy':
      return answered(gateway.queries.occupancy(command.cabinet));
    case 'who-has': {
      const { do: _, ...query } = command;
      return answered(gateway.queries.whoHasWhat(query));
    }
    case 'events':
      return answered(await gateway.queries.events(command.query));
    case 'add-user': {
      const { do: _, ...user } = command;
      return done({ user: await administration.addUser(user, actor) });
    }
    case 'add-credential': {
      const { user, kind, value } = command;
      return done({ credential: await administration.addCredential(user, { kind, value }, actor) });
    }
    case 'block-user':
    case 'unblock-user':
      return done(await administration.setUserBlocked(command.user, command.do === 'block-user', actor));
    case 'block-credential':
    case 'unblock-credential': {
      const blocked = command.do === 'block-credential';
      return done(await administration.setCredentialBlocked(command.credential, blocked, actor));
    }
    case 'one-time-password': {
      const user = await administration.userByLogin(command.login);
      if (!user)
        throw new AdministrationError('user-unknown', `There is no user with the login "${command.login}".`);
      return done({ password: await administration.issueOneTimePassword(user._id, actor) });
    }
    case 'add-item': {
      const { do: _, ...item } = command;
      return done({ item: await administration.addItem(item, actor) });
    }
    case 'open':
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
    case 'assign':
    case 'withdraw': {
      const outcome = await gateway.operate(command, { kind: 'machine', id: actor.id });
      if (outcome.ok) return done({ cabinet: outcome.cabinet, compartment: outcome.compartment });
      return { ok: false, code: outcome.refusal.code, message: outcome.text.en };
    }
  }
}

/** An answer of the gateway as one to a command. */
function answered(answer: { readonly ok: true } | Refused): CommandAnswer {
  if (!answer.ok) return { ok: false, code: answer.refusal.code, message: answer.text.en };
  const { ok: _, ...result } = answer;
  return done(result);
}

function done(result: unknown): CommandAnswer {
  return { ok: true, result: result ?? null };
}
