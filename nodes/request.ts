/**
 * What a node is to ask for, partly by its settings and partly by the message. A setting stands: a message fills in
 * what the settings leave open and changes nothing else, so that what arrives from outside cannot turn one command
 * into another.
 */
import { MOST_COMPARTMENTS } from '../domain/site.ts';
import { NodeError } from './errors.ts';

/** Fields by name; what is not there was not given. */
export type Fields = Readonly<Record<string, unknown>>;

/** Characters of the longest id, name or reason in a message. */
const LONGEST_TEXT = 512;

/** Names of what no message may carry. */
const SECRETS: ReadonlySet<string> = new Set(['pin', 'password', 'scan']);
/** How far down a payload is looked through; nothing that a node takes lies deeper. */
const DEEPEST = 4;

/** The payload as fields; none where it is no object, e.g. the time stamp of an inject node. */
export function fieldsIn(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload)
    ? (payload as Fields)
    : {};
}

/**
 * Joins settings and message. An empty setting leaves its field to the message.
 *
 * @param names the fields that are asked for; others of the message are of no concern here
 * @throws NodeError `setting-contradicted` where the message says something else than a setting
 */
export function requestFrom(settings: Fields, payload: unknown, names: readonly string[]): Fields {
  const said = fieldsIn(payload);
  const request: Record<string, unknown> = {};
  for (const name of names) {
    const set = settings[name] === '' ? undefined : settings[name];
    const given = said[name] === '' || said[name] === null ? undefined : said[name];
    if (set !== undefined && given !== undefined && written(set) !== written(given)) {
      throw new NodeError(
        'setting-contradicted',
        `msg.payload.${name} is "${shown(given)}", but this node is set to "${shown(set)}". ` +
          'Empty the setting to leave it to the message, or remove it from the message.',
      );
    }
    const value = set ?? given;
    if (value !== undefined) request[name] = value;
  }
  return request;
}

/**
 * Refuses a payload that carries a secret anywhere, and takes it out, so that a catch node does not see it.
 * @throws NodeError `secret-in-message`
 */
export function refuseSecrets(payload: unknown): void {
  const found = takeSecrets(payload, 'msg.payload', DEEPEST);
  if (found.length > 0) throw secretInMessage(found.join(', '));
}

/** Takes secrets out of a value and tells where they were. */
function takeSecrets(value: unknown, path: string, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  const found: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    const here = `${path}.${name}`;
    if (SECRETS.has(name)) {
      Reflect.deleteProperty(value, name);
      found.push(here);
    } else found.push(...takeSecrets(member, here, depth - 1));
  }
  return found;
}

/** The error for something that would put a secret into a message. */
export function secretInMessage(what: string): NodeError {
  return new NodeError(
    'secret-in-message',
    `${what}: secrets do not travel in messages, where debug windows and logs would see them. Type a PIN at a keypad ` +
      'and scan a code at a scanner of the panel; their reader node hands on a reference (msg.payload.presentation).',
  );
}

/**
 * A field that must be one of some words.
 * @throws NodeError `message-malformed`
 */
export function wordIn<Word extends string>(request: Fields, name: string, words: readonly Word[]): Word {
  const value = request[name];
  const word = words.find((each) => each === value);
  if (word === undefined) throw malformed(name, value, `one of ${words.join(', ')}`);
  return word;
}

/**
 * A field that must be a text.
 * @throws NodeError `message-malformed`
 */
export function textIn(request: Fields, name: string): string {
  const value = request[name];
  if (typeof value !== 'string' || value.trim() === '' || value.length > LONGEST_TEXT) {
    throw malformed(name, value, `a text of 1 to ${LONGEST_TEXT} characters`);
  }
  return value.trim();
}

/**
 * A field that must be the number of a compartment, as a number or its digits.
 * @throws NodeError `message-malformed`
 */
export function compartmentIn(request: Fields, name = 'compartment'): number {
  const value = request[name];
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > MOST_COMPARTMENTS) {
    throw malformed(name, value, `the number of a compartment, 1 to ${MOST_COMPARTMENTS}`);
  }
  return number;
}

/**
 * A field that must be a number above 0, as a number or its digits.
 * @throws NodeError `message-malformed`
 */
export function numberIn(request: Fields, name: string): number {
  const value = request[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !(number > 0)) throw malformed(name, value, 'a number above 0');
  return number;
}

function malformed(name: string, value: unknown, wanted: string): NodeError {
  const found = value === undefined ? 'is missing' : `is "${shown(value)}"`;
  return new NodeError('message-malformed', `msg.payload.${name} ${found}; it must be ${wanted}.`);
}

/** A value as a setting would hold it. */
function written(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(written).join(',') : (JSON.stringify(value) ?? 'undefined');
}

/** A value in the message of an error: short, and nothing that has members, since one of them may be a secret. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = written(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
