import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { ANSWERS } from '../../gateway/answer-shapes.ts';
import type { PanelAnswer } from '../../gateway/api.ts';
import { ANSWER_BODY } from './shapes.ts';

/** An answer as a client sent it. */
export interface SentAnswer {
  readonly answer: PanelAnswer;
  readonly session?: string;
}

const ajv = new Ajv({ allowUnionTypes: true });
const isBody = ajv.compile<{ readonly answer: { readonly answer?: unknown }; readonly session?: string }>(
  ANSWER_BODY,
);
const isAnswer = new Map<unknown, ValidateFunction<PanelAnswer>>(
  Object.entries(ANSWERS).map(([name, schema]) => [name, ajv.compile<PanelAnswer>(schema)]),
);
const NAMES = Object.keys(ANSWERS).join(', ');

/** Reads the body of an answer; a sentence that says what is wrong with it where it is none. The sentence holds no value of it. */
export function readAnswer(body: unknown): SentAnswer | string {
  if (!isBody(body)) return wordsFor('', isBody.errors);
  const { answer, session } = body;
  const validate = isAnswer.get(answer.answer);
  if (!validate) return `answer.answer must be one of ${NAMES}.`;
  if (!validate(answer)) return wordsFor('answer', validate.errors);
  return { answer, ...(session !== undefined && { session }) };
}

function wordsFor(within: string, errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  const field = `${within}${error?.instancePath ?? ''}`.replaceAll('/', '.').replace(/^\./, '');
  return `${field === '' ? 'The body' : field} ${error?.message ?? 'is wrong'}.`;
}
