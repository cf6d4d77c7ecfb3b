import { Ajv } from 'ajv';
import type { Actor } from '../../domain/event.ts';
import type { Right } from '../../domain/rights.ts';
import type { CabinetId } from '../../domain/site.ts';
import { type RightDocument, rightOf } from '../../models/rights.ts';
import { newId } from '../secrets.ts';
import { AdministrationError } from './errors.ts';
import { overlap } from './overlap.ts';
import type { AdministrationParts } from './parts.ts';
import type { CabinetPlaces } from './places.ts';
import type { Records } from './records.ts';
import type { Users } from './users.ts';

/** What a new right is made from. */
export type NewRight = Omit<Right, 'id'>;

/** A right that was given, and the others that allow the same people some of the same. */
export interface GivenRight {
  readonly right: string;
  readonly overlaps: readonly string[];
}

/** Which rights are to be listed. */
export interface RightFilter {
  readonly cabinet?: string;
  readonly user?: string;
  readonly userGroup?: string;
}

const ID = { type: 'string', minLength: 1, maxLength: 64 } as const;
const IDS = { type: 'array', minItems: 1, maxItems: 512, uniqueItems: true, items: ID } as const;
const TIME_OF_DAY = { type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' } as const;
/** Milliseconds that a `Date` can hold. */
const TIME = { type: 'integer', minimum: 0, maximum: 8_640_000_000_000_000 } as const;

const validate = new Ajv({ allErrors: false }).compile<NewRight>({
  type: 'object',
  additionalProperties: false,
  required: ['cabinet'],
  properties: {
    cabinet: ID,
    user: ID,
    userGroup: ID,
    compartmentGroups: IDS,
    readers: IDS,
    pick: { type: 'boolean' },
    validFrom: TIME,
    validUntil: TIME,
    weekly: {
      type: 'array',
      minItems: 1,
      maxItems: 50,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['days', 'from', 'to'],
        properties: {
          days: {
            type: 'array',
            minItems: 1,
            uniqueItems: true,
            items: { type: 'integer', minimum: 1, maximum: 7 },
          },
          from: TIME_OF_DAY,
          to: TIME_OF_DAY,
        },
      },
    },
  },
});

/** What fields have to be, in words. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\/(from|to)$/, 'a time of day is HH:MM, 00:00 to 23:59'],
  [/\/days/, 'days are numbers from 1 (Monday) to 7 (Sunday), each once'],
  [/^\/valid/, 'a validity is given in milliseconds since 1970'],
  [/^\/(compartmentGroups|readers)/, 'it names each id once, and at least one'],
  [/^\/weekly/, 'each window has days, from and to'],
];

/** Who may go where, and when. */
export class Rights {
  readonly #parts: AdministrationParts;
  readonly #records: Records;
  readonly #users: Users;

  constructor(parts: AdministrationParts, records: Records, users: Users) {
    this.#parts = parts;
    this.#records = records;
    this.#users = users;
  }

  /** Gives a right. Overlapping ones add up: they are named, and nothing is refused for them. */
  async add(right: NewRight, actor: Actor): Promise<GivenRight> {
    await this.#check(right);
    const { rights, directory, clock } = this.#parts;
    const { validFrom, validUntil, ...same } = right;
    const id = newId('right');
    const event = this.#records.prepare({
      type: 'right-added',
      actor,
      data: { right: { id, ...right } },
    });
    const document: RightDocument = {
      _id: id,
      ...same,
      ...(validFrom !== undefined && { validFrom: new Date(validFrom) }),
      ...(validUntil !== undefined && { validUntil: new Date(validUntil) }),
      unrecorded: [event],
      updatedAt: new Date(clock.now()),
    };
    const others =
      right.user === undefined
        ? directory.rightsOfGroup(right.userGroup ?? '', right.cabinet)
        : directory.rightsOf(right.user, right.cabinet);
    await rights.add(document);
    directory.learnRight(document);
    await this.#records.settle(rights, id, event);
    return { right: id, overlaps: others.filter((other) => overlap(other, right)).map((other) => other.id) };
  }

  /** Withdraws a right. */
  async remove(right: string, actor: Actor): Promise<void> {
    const { rights, directory, clock } = this.#parts;
    const event = this.#records.prepare({ type: 'right-removed', actor, data: { right } });
    if (!(await rights.remove(right, new Date(clock.now()), event))) {
      throw new AdministrationError('right-unknown', `There is no right "${right}".`);
    }
    await directory.refresh();
    await this.#records.settle(rights, right, event);
  }

  async list(filter: RightFilter): Promise<Right[]> {
    return (await this.#parts.rights.all(filter)).map(rightOf);
  }

  /** After a crash: puts on record what is not. */
  recover(): Promise<void> {
    return this.#records.recover(this.#parts.rights);
  }

  async #check(right: NewRight): Promise<void> {
    if (!validate(right)) {
      const error = validate.errors?.[0];
      const field = error?.instancePath ?? '';
      const words = WORDS.find(([pattern]) => pattern.test(field))?.[1] ?? error?.message ?? 'it is wrong';
      throw malformed(`The right is not understood${field && ` at ${field.slice(1)}`}: ${words}.`);
    }
    const { cabinet, user, userGroup, validFrom, validUntil } = right;
    if ((user === undefined) === (userGroup === undefined)) {
      throw malformed('A right is that of a user or of a user group: name one of the two.');
    }
    if (validFrom !== undefined && validUntil !== undefined && validUntil <= validFrom) {
      throw malformed('A right cannot end before it begins.');
    }
    const places = this.#parts.places.get(cabinet);
    if (!places) throw unknownCabinet(cabinet);
    checkPlaces(right, places);
    if (user !== undefined) await this.#users.present(user);
    if (userGroup !== undefined && !(await this.#parts.groups.exists(userGroup))) {
      throw new AdministrationError(
        'group-unknown',
        `There is no user group "${userGroup}" in the site file.`,
      );
    }
  }
}

/** A cabinet that this gateway does not have; rights to it are given at the gateway that has it. */
export function unknownCabinet(cabinet: CabinetId): AdministrationError {
  return new AdministrationError('cabinet-unknown', `This gateway has no cabinet "${cabinet}".`);
}

function checkPlaces(
  { cabinet, compartmentGroups = [], readers = [] }: NewRight,
  places: CabinetPlaces,
): void {
  const group = compartmentGroups.find((id) => !places.compartmentGroups.includes(id));
  if (group !== undefined) {
    throw new AdministrationError(
      'compartment-group-unknown',
      `Cabinet ${cabinet} has no compartment group "${group}".`,
    );
  }
  const reader = readers.find((id) => !places.readers.includes(id));
  if (reader !== undefined) {
    throw new AdministrationError('reader-unknown', `Cabinet ${cabinet} has no reader "${reader}".`);
  }
}

function malformed(words: string): AdministrationError {
  return new AdministrationError('right-malformed', words);
}
