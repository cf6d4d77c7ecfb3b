/** What methods have in common: the reason that they take, and their results in words. */
import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  type LocalizedText,
  StatusCodes,
} from 'node-opcua';
import { filled, type LocalizedText as Sentence } from '../domain/texts/texts.ts';
import type { CallOutcome } from './gateway-calls.ts';
import { inLocaleOf } from './words.ts';

/** Longest reason taken, in characters; it is kept in the event log for good. */
export const LONGEST_REASON = 500;

/** The result of a method whose request the gateway has answered, or not. */
export function resultOf(
  outcome: CallOutcome,
  done: Sentence,
  context: ISessionContext,
): CallMethodResultOptions {
  const locales = context.getPreferredLocales();
  switch (outcome.answer) {
    case 'done':
      return answered('ok', inLocaleOf(locales, done));
    case 'begun': {
      const fill = (sentence: string): string => filled(sentence, { compartments: outcome.compartments });
      return answered('ok', inLocaleOf(locales, { en: fill(done.en), pl: fill(done.pl), it: fill(done.it) }));
    }
    case 'refused':
      return answered(outcome.code, inLocaleOf(locales, outcome.text));
    case 'busy':
      return { statusCode: StatusCodes.BadTooManyOperations };
    case 'late':
      return { statusCode: StatusCodes.BadTimeout };
    case 'failed':
    case 'alarm-changed':
    case 'events':
    case 'principal':
      return { statusCode: StatusCodes.BadInternalError };
  }
}

function answered(code: string, text: LocalizedText): CallMethodResultOptions {
  return {
    statusCode: StatusCodes.Good,
    outputArguments: [
      { dataType: DataType.String, value: code },
      { dataType: DataType.LocalizedText, value: text },
    ],
  };
}
