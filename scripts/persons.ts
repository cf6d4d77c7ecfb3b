/** Asking the people at the terminal: what they type for a password is not shown. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { LoginAndPassword } from '../gateway/commands/cassettes.ts';

/** Where people type, and where they are asked. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

interface Question {
  readonly question: string;
  /** What is typed is not shown. */
  readonly hidden: boolean;
}

const STANDARD: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Asks for login and password of each, one after the other; from a pipe they are read as lines in that order.
 *
 * @param who what each is called in the question, e.g. `Second person`
 * @throws Error where the input ends before everything was said
 */
export async function askPersons(
  who: readonly string[],
  terminal: Terminal = STANDARD,
): Promise<readonly LoginAndPassword[]> {
  const questions = who.flatMap((person) => [
    { question: `${person}, login: `, hidden: false },
    { question: `${person}, password: `, hidden: true },
  ]);
  const answers = await askAll(questions, terminal);
  return who.map((_, index) => ({
    login: (answers[2 * index] ?? '').trim(),
    password: answers[2 * index + 1] ?? '',
  }));
}

/** Asks for a password and the one that is to take its place. */
export async function askNewPassword(
  terminal: Terminal = STANDARD,
): Promise<{ readonly current: string; readonly next: string }> {
  const questions = ['Password: ', 'New password: ', 'New password again: '];
  const [current = '', next = '', again = ''] = await askAll(
    questions.map((question) => ({ question, hidden: true })),
    terminal,
  );
  if (next !== again)
    throw new Error('The new password was not typed the same way twice. Nothing was changed.');
  return { current, next };
}

async function askAll(questions: readonly Question[], { input, output }: Terminal): Promise<string[]> {
  const terminal = input.isTTY === true;
  let hiding = false;
  const shown = new Writable({
    write(chunk, _encoding, written) {
      if (!hiding) output.write(chunk);
      written();
    },
  });
  const lines = createInterface({ input, ...(terminal && { output: shown, terminal }) });
  // Whatever is typed ahead, or pasted, may be a password.
  lines.on('line', () => {
    hiding = true;
  });
  const typed = lines[Symbol.asyncIterator]();
  try {
    const answers: string[] = [];
    for (const { question, hidden } of questions) {
      if (terminal) output.write(question);
      hiding = hidden;
      const { value, done } = await typed.next();
      if (hidden && terminal) output.write('\n');
      if (done === true) throw new Error(`The input ended before "${question.trim()}" was answered.`);
      answers.push(value);
    }
    return answers;
  } finally {
    lines.close();
  }
}
