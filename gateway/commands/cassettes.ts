import type { CassetteCommand, CommandName } from '../../domain/cassette/inputs.ts';
import { KEY_ROLES, type KeyRole, type Rom } from '../../domain/cassette/key.ts';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { Actor } from '../../domain/event.ts';
import { familyOf, isRom, labelOf } from '../../domain/one-wire.ts';
import type { CassetteId } from '../../domain/site.ts';
import { type Administration, AdministrationError } from '../administration.ts';
import type { Gateway } from '../api.ts';
import type { CassetteDone, CassetteRefused, CassetteRequester } from '../cassettes/api.ts';
import { validityOf } from './people.ts';
import { shape, TEXT, TEXTS } from './shapes.ts';

/** A person at the command line. */
export interface LoginAndPassword {
  readonly login: string;
  readonly password: string;
}

/** What the command line asks about cassettes and their keys. */
export type CassettesCommand =
  | { readonly do: 'list-cassettes' }
  | { readonly do: 'show-cassette'; readonly cassette: CassetteId }
  | {
      readonly do: 'command-cassette';
      readonly cassette: CassetteId;
      readonly command: CassetteCommand;
      readonly reason: string;
      /** Left out: the command line asks by itself, which is enough for few commands. */
      readonly person?: LoginAndPassword;
      readonly second?: LoginAndPassword;
    }
  | { readonly do: 'list-keys' }
  | {
      readonly do: 'add-key';
      readonly id: string;
      /** 16 hex digits, in the order of transmission or as on the label. */
      readonly rom: string;
      readonly role: KeyRole;
      readonly cassettes: readonly CassetteId[];
      readonly duress: boolean;
      /** A day, that is the last one, or a time. */
      readonly validUntil?: string;
    }
  | { readonly do: 'revoke-key' | 'restore-key'; readonly id: string; readonly reason: string };

/** Every command by its name, so that none is forgotten here. */
const COMMANDS: Readonly<Record<CommandName, object>> = {
  'enter-service': { lasts: { type: 'integer', minimum: 1_000, maximum: 86_400_000 } },
  'finish-service': { loaded: { type: 'boolean' } },
  'reset-stained': {},
  'override-key': {},
  'confirm-key': {},
  'begin-test': {},
  'end-test': {},
  'self-test': {},
};

const PERSON = {
  type: 'object',
  additionalProperties: false,
  required: ['login', 'password'],
  properties: { login: { type: 'string', maxLength: 64 }, password: { type: 'string', maxLength: 1_024 } },
} as const;

/** JSON schemas of the commands. */
export const CASSETTE_SHAPES: readonly object[] = [
  shape(['list-cassettes', 'list-keys'], {}),
  shape(['show-cassette'], { cassette: TEXT }),
  shape(
    ['command-cassette'],
    {
      cassette: TEXT,
      command: {
        type: 'object',
        required: ['do'],
        discriminator: { propertyName: 'do' },
        oneOf: Object.entries(COMMANDS).map(([name, properties]) =>
          shape([name], properties as Readonly<Record<string, object>>, ['lasts']),
        ),
      },
      reason: TEXT,
      person: PERSON,
      second: PERSON,
    },
    ['person', 'second'],
  ),
  shape(
    ['add-key'],
    {
      id: TEXT,
      rom: { type: 'string', maxLength: 64 },
      role: { enum: KEY_ROLES },
      cassettes: TEXTS,
      duress: { type: 'boolean' },
      validUntil: TEXT,
    },
    ['validUntil'],
  ),
  shape(['revoke-key', 'restore-key'], { id: TEXT, reason: TEXT }),
];

/** Carries out what was asked of a cassette; the answer is what it shows then. */
export async function carryOutForCassettes(
  command: Extract<
    CassettesCommand,
    { readonly do: 'list-cassettes' | 'show-cassette' | 'command-cassette' }
  >,
  gateway: Pick<Gateway, 'authenticate' | 'cassettes'>,
  actor: Actor,
): Promise<
  CassetteDone | CassetteRefused | { readonly ok: true; readonly cassettes: readonly CassetteView[] }
> {
  const { cassettes } = gateway;
  if (command.do === 'list-cassettes') return { ok: true, cassettes: cassettes.list() };
  const { cassette } = command;
  if (command.do === 'show-cassette') {
    const view = cassettes.view(cassette);
    if (view) return { ok: true, cassette, view };
    const refusal = cassetteRefusal('cassette-unknown', { cassette });
    return { ok: false, refusal, text: cassettes.textOf(refusal) };
  }
  const { reason, person, second } = command;
  const requester: CassetteRequester = person
    ? { kind: 'administrator', principal: await principalOf(person, gateway) }
    : { kind: 'machine', id: actor.id };
  return cassettes.command(
    { cassette, command: command.command, reason, ...(second && { second: { kind: 'login', ...second } }) },
    requester,
  );
}

/** Carries out what was asked about keys. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForKeys(
  command: Extract<CassettesCommand, { readonly do: 'list-keys' | 'add-key' | 'revoke-key' | 'restore-key' }>,
  { cassetteKeys: keys, timeZone }: Administration,
  actor: Actor,
): Promise<unknown> {
  switch (command.do) {
    case 'list-keys':
      return keys.list();
    case 'add-key': {
      const { id, role, cassettes, duress, validUntil } = command;
      const valid = validityOf({ validFrom: undefined, validUntil }, timeZone);
      const rom = romOfText(command.rom);
      await keys.register({ id, rom, role, cassettes, duress, ...valid }, actor);
      return { key: id, ending: labelOf(rom).slice(-6, -2) };
    }
    case 'revoke-key':
      return keys.revoke(command.id, command.reason, actor);
    case 'restore-key':
      return keys.restore(command.id, command.reason, actor);
  }
}

/**
 * The number of a key as it was typed or read: spaces and colons are passed over, and the checksum tells whether it is
 * in the order of transmission or that of a label. Where both fit, the family code does.
 */
function romOfText(text: string): Rom {
  const digits = text.replaceAll(/[\s:-]/g, '').toUpperCase();
  const readings = /^[0-9A-F]{16}$/.test(digits) ? [digits, labelOf(digits)] : [];
  const fitting = readings.filter((rom) => isRom(Buffer.from(rom, 'hex')));
  const rom = fitting.find((each) => familyOf(each).name !== undefined) ?? fitting[0];
  if (rom !== undefined) return rom;
  throw new AdministrationError(
    'field-wrong',
    'This is not the number of a Dallas key: it takes all 16 hex digits, and their checksum must fit. Read it again.',
  );
}

async function principalOf({ login, password }: LoginAndPassword, gateway: Pick<Gateway, 'authenticate'>) {
  const principal = await gateway.authenticate(login, password);
  if (principal) return principal;
  throw new AdministrationError(
    'password-wrong',
    `Login "${login}" and this password do not fit. A one-time password has to be replaced on the account page first.`,
  );
}
