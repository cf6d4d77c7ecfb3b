import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Ajv } from 'ajv';
import { ROLES } from '../models/users.ts';
import { type Administration, AdministrationError } from './administration.ts';
import type { Gateway } from './api.ts';

/** Longest command, in characters. */
const LONGEST_COMMAND = 16_384;
/** A client that says nothing for this long is disconnected. Milliseconds. */
const IDLE = 60_000;

/** What the command line asks of the gateway that runs on the same computer. */
export type Command =
  | { readonly do: 'list-users' }
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
    shape(['list-users'], {}),
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

/** A command socket that listens. */
export interface CommandSocket {
  close(): Promise<void>;
}

/**
 * Serves the command line of this computer over a Unix socket that only this operating-system user can open: one
 * JSON command a line, one JSON answer a line. Whoever can open it could read the data folder as well.
 *
 * @param path under 107 bytes, in a folder of this user alone
 */
export async function openCommandSocket(
  path: string,
  gateway: Gateway,
  administration: Administration,
): Promise<CommandSocket> {
  await rm(path, { force: true });
  const clients = new Set<Socket>();
  const server: Server = createServer((client) => {
    clients.add(client);
    client.setTimeout(IDLE, () => client.destroy());
    client.on('error', () => client.destroy());
    client.on('close', () => clients.delete(client));
    const lines = createInterface({ input: client });
    lines.on('line', (line) => {
      void answerTo(line, gateway, administration).then((answer) => {
        if (client.writable) client.write(`${JSON.stringify(answer)}\n`);
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

async function answerTo(
  line: string,
  gateway: Gateway,
  administration: Administration,
): Promise<CommandAnswer> {
  let command: unknown;
  try {
    if (line.length > LONGEST_COMMAND) throw new RangeError('too long');
    command = JSON.parse(line);
  } catch {
    return { ok: false, code: 'malformed', message: 'A command is one line of JSON.' };
  }
  if (!validate(command)) {
    const [error] = validate.errors ?? [];
    return {
      ok: false,
      code: 'malformed',
      message: `${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'}`.trim(),
    };
  }
  try {
    return await carryOut(command, gateway, administration);
  } catch (error) {
    if (error instanceof AdministrationError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

async function carryOut(
  command: Command,
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
    default: {
      const outcome = await gateway.operate(command, { kind: 'machine', id: actor.id });
      if (outcome.ok) return done({ cabinet: outcome.cabinet, compartment: outcome.compartment });
      return { ok: false, code: outcome.refusal.code, message: outcome.text.en };
    }
  }
}

function done(result: unknown): CommandAnswer {
  return { ok: true, result: result ?? null };
}
