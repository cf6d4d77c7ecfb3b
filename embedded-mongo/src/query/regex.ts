import { CommandError, errorCode, notSupported } from '../errors.ts';
import { regexParts } from '../values/order.ts';
import type { Value } from '../values/types.ts';

/**
 * A BSON regular expression as a JavaScript one. The server uses PCRE; what JavaScript does not know is
 * refused.
 * @throws CommandError 51091 for a pattern that is invalid, 238 for the option `x`
 */
export function compileRegex(value: Value, moreOptions = ''): RegExp {
  const { pattern, options } =
    typeof value === 'string' ? { pattern: value, options: '' } : regexParts(value);
  const all = new Set(options + moreOptions);
  let flags = '';
  for (const option of all) {
    if (option === 'x') throw notSupported("The regular expression option 'x'");
    if (!'imsu'.includes(option)) {
      throw new CommandError(51108, `invalid flag in regex options: ${option}`);
    }
    if (option !== 'u') flags += option;
  }
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    // The mode `u` refuses escapes that PCRE allows, such as `\-` outside of brackets.
  }
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(51091, `Regular expression is invalid: ${reason}`);
  }
}

/** Throws when the options of `$regex` are given twice or are no string. */
export function regexOptions(value: Value): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new CommandError(errorCode.badValue, '$options has to be a string');
  return value;
}
