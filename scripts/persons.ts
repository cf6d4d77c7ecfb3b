/** Asking the people at the terminal who they are: what they type for a password is not shown. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { LoginAndPassword } from '../gateway/commands/cassettes.ts';

/** Where people type, and where they are asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks for login and password of each, one after the other; from a pipe they are read as lines in that order.
 *
 * @param who what each is called in the question, e.g. `Second person`
 * @throws Error where the input ends before everything was said
 */
export async function askPersons(
  who: readonly string[],
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<readonly LoginAndPassword[]> {
  const terminal = input.isTTY === true;
  let hidden = false;
  const shown = new Writable({
    write(chunk, _encoding, written) {
      if (!hidden) output.write(chunk);
      written();
    },
  });
  const lines = createInterface({ input, ...(terminal && { output: shown, terminal }) });
  // Whatever is typed ahead, or pasted, may be the password.
  lines.on('line', () => {
    hidden = true;
  });
  const typed = lines[Symbol.asyncIterator]();
  const ask = async (question: string, hide: boolean): Promise<string> => {
    if (terminal) output.write(question);
    hidden = hide;
    const { value, done } = await typed.next();
    if (hide && terminal) output.write('\n');
    if (done === true) throw new Error(`The input ended before "${question.trim()}" was answered.`);
    return value;
  };
  try {
    const persons: LoginAndPassword[] = [];
    for (const person of who) {
      const login = (await ask(`${person}, login: `, false)).trim();
      persons.push({ login, password: await ask(`${person}, password: `, true) });
    }
    return persons;
  } finally {
    lines.close();
  }
}
