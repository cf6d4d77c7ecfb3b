import { parse } from 'csv-parse/sync';
import type { Role } from '../../domain/identification.ts';
import type { Language } from '../../domain/texts/texts.ts';
import type { NewCredential } from '../administration/credentials.ts';
import { AdministrationError } from '../administration/errors.ts';
import type { NewUser } from '../administration/users.ts';
import { SCAN_KINDS } from '../credential-kinds.ts';
import { beginningOf, endOf } from './days.ts';
import { type Line, LONGEST_LINE } from './lines.ts';

/** Every column that a file may have; only `name` has to be there. */
const COLUMNS = [
  'name',
  'login',
  'email',
  'language',
  'roles',
  'groups',
  ...SCAN_KINDS,
  'valid_from',
  'valid_until',
] as const;
type Column = (typeof COLUMNS)[number];

/** What stands between several roles or groups in one cell. */
const SEPARATOR = '|';

/** How the lines of a file are cut into cells. */
export interface Table {
  readonly delimiter: ',' | ';';
  readonly columns: readonly Column[];
}

/** What a line of a file asks for. */
export interface Row {
  readonly user: NewUser;
  readonly credentials: readonly NewCredential[];
}

/** Why a line is not taken. Its words never hold what stands in a cell for a credential. */
export class LineError extends Error {
  readonly code: 'line-malformed' | 'field-wrong' | 'duplicate-in-file';

  constructor(code: LineError['code'], message: string) {
    super(message);
    this.name = 'LineError';
    this.code = code;
  }
}

/**
 * The table that a header describes. Cells are divided by commas, or by semicolons where the header has those.
 *
 * @throws AdministrationError `file-unusable` where a column is unknown, named twice or missing
 */
export function tableOf(header: string): Table {
  const delimiter = header.includes(';') ? ';' : ',';
  const names = cellsOf(header, delimiter).map((name) => name.toLowerCase());
  const unknown = names.find((name) => !COLUMNS.includes(name as Column));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const flaw =
    (unknown !== undefined && `column "${unknown.slice(0, 40)}" is not known`) ||
    (twice !== undefined && `column "${twice}" stands there twice`) ||
    (!names.includes('name') && 'column "name" is missing');
  if (flaw) {
    throw new AdministrationError(
      'file-unusable',
      `The header is not understood: ${flaw}. Columns are ${COLUMNS.join(', ')}.`,
    );
  }
  return { delimiter, columns: names as Column[] };
}

/**
 * What a line asks for.
 *
 * @param timeZone IANA name; days are meant in it
 * @throws LineError where it cannot be understood
 */
export function rowOf({ text }: Line, { delimiter, columns }: Table, timeZone: string): Row {
  if (text === undefined) {
    throw new LineError('line-malformed', `The line is longer than ${LONGEST_LINE} characters.`);
  }
  const values = cellsOf(text, delimiter);
  if (values.length !== columns.length) {
    throw new LineError(
      'line-malformed',
      `The line has ${values.length} cells, and the header ${columns.length}.`,
    );
  }
  const cells = new Map(columns.map((column, index) => [column, values[index] ?? '']));
  const cell = (column: Column): string | undefined => cells.get(column) || undefined;
  const list = (column: Column): string[] =>
    (cell(column) ?? '')
      .split(SEPARATOR)
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const time = (column: 'valid_from' | 'valid_until'): number | undefined => {
    const written = cell(column);
    if (written === undefined) return undefined;
    const found = (column === 'valid_from' ? beginningOf : endOf)(written, timeZone);
    if (found !== undefined) return found;
    throw new LineError(
      'field-wrong',
      `${column} is a day, 2026-12-31, or a time with its offset, 2026-12-31T18:00+01:00.`,
    );
  };
  const login = cell('login');
  const email = cell('email');
  const language = cell('language');
  const roles = list('roles');
  const validFrom = time('valid_from');
  const validUntil = time('valid_until');
  return {
    user: {
      name: cell('name') ?? '',
      ...(login !== undefined && { login }),
      ...(email !== undefined && { email }),
      // Languages and roles are checked with the rest of the user.
      ...(language !== undefined && { language: language.toLowerCase() as Language }),
      roles: roles.length > 0 ? (roles as Role[]) : ['defined'],
      groups: list('groups'),
      ...(validFrom !== undefined && { validFrom }),
      ...(validUntil !== undefined && { validUntil }),
    },
    credentials: SCAN_KINDS.flatMap((kind) => {
      const value = cell(kind);
      return value === undefined ? [] : [{ kind, value }];
    }),
  };
}

function cellsOf(line: string, delimiter: string): readonly string[] {
  try {
    const [cells = []] = parse(line, { delimiter, relax_column_count: true, trim: true }) as string[][];
    return cells;
  } catch {
    // The parser's own words quote the line, secrets and all.
    throw new LineError(
      'line-malformed',
      'A quotation mark is not closed, or stands inside a cell. Cells do not run over several lines; a mark in a quoted cell is written twice.',
    );
  }
}
