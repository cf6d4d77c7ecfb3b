import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AdministrationError } from '../administration/errors.ts';

/** Most lines that a file may have, its header aside. */
export const MOST_LINES = 100_000;
/** Most bytes that a file may have. */
const MOST_BYTES = 64 * 1_024 * 1_024;
/** Longest line, in characters; a longer one is told as such and not kept in memory. */
export const LONGEST_LINE = 8_192;

/** A line of a file, without its end. */
export interface Line {
  /** From 1 on, as editors count. */
  readonly number: number;
  /** Undefined where the line is too long. */
  readonly text: string | undefined;
}

/**
 * The lines of a UTF-8 text file as they come, those that are empty left out.
 *
 * @throws AdministrationError `file-unusable` where the file cannot be read or is not UTF-8
 */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let tooLong = false;
  let number = 0;
  const line = (text: string): Line => {
    number += 1;
    const kept = tooLong || text.length > LONGEST_LINE ? undefined : text.replace(/\r$/, '');
    tooLong = false;
    return { number, text: kept };
  };
  try {
    for await (const chunk of createReadStream(path)) {
      const texts = `${rest}${decoder.decode(chunk as Buffer, { stream: true })}`.split('\n');
      rest = texts.pop() ?? '';
      for (const each of texts.map(line)) if (each.text === undefined || each.text.trim() !== '') yield each;
      if (rest.length > LONGEST_LINE) {
        tooLong = true;
        rest = '';
      }
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof AdministrationError) throw error;
    throw unusable(path, error);
  }
  if (tooLong || rest.trim() !== '') yield line(rest);
}

/**
 * Looks through a file before any line of it is taken: its header, and how many lines follow.
 *
 * @throws AdministrationError `file-unusable` where it is too large, not UTF-8 or empty
 */
export async function survey(path: string): Promise<{ readonly header: string; readonly lines: number }> {
  const file = await stat(path).catch((error: unknown) => {
    throw unusable(path, error);
  });
  if (!file.isFile()) throw refused(`${path} is no file.`);
  if (file.size > MOST_BYTES) throw refused(`${path} has more than ${MOST_BYTES / 1_048_576} MiB.`);
  let header: string | undefined;
  let lines = 0;
  for await (const { text } of linesOf(path)) {
    if (header === undefined) {
      if (text === undefined)
        throw refused(`The header of ${path} is longer than ${LONGEST_LINE} characters.`);
      header = text;
    } else lines += 1;
    if (lines > MOST_LINES) {
      throw refused(`${path} has more than ${MOST_LINES} lines. Divide it into several files.`);
    }
  }
  if (header === undefined) throw refused(`${path} is empty: its first line names the columns.`);
  return { header, lines };
}

function refused(message: string): AdministrationError {
  return new AdministrationError('file-unusable', message);
}

function unusable(path: string, error: unknown): AdministrationError {
  const { code, name, message } = error as { code?: string; name: string; message: string };
  if (name === 'TypeError' && code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return refused(`${path} is not UTF-8. Save it as "CSV UTF-8" and try again.`);
  }
  return refused(`${path} cannot be read (${code ?? message}).`);
}
