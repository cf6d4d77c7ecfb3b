import type { Actor } from '../../domain/event.ts';
import { LONGEST_TOKEN_NAME } from '../administration/api-tokens.ts';
import type { Administration } from '../administration.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks about the tokens of programs. */
export type ApiTokenCommand =
  | {
      readonly do: 'add-api-token';
      readonly user: string;
      readonly name?: string;
      /** For how long it is good; a year where it is left out. */
      readonly days?: number;
    }
  | { readonly do: 'list-api-tokens' }
  | { readonly do: 'remove-api-token'; readonly token: string };

/** JSON schemas of the commands. */
export const API_TOKEN_SHAPES: readonly object[] = [
  shape(
    ['add-api-token'],
    {
      user: TEXT,
      name: { type: 'string', minLength: 1, maxLength: LONGEST_TOKEN_NAME },
      days: { type: 'number' },
    },
    ['name', 'days'],
  ),
  shape(['list-api-tokens'], {}),
  shape(['remove-api-token'], { token: TEXT }),
];

/** Carries out what was asked about tokens. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForApiTokens(
  command: ApiTokenCommand,
  { apiTokens }: Administration,
  actor: Actor,
): Promise<unknown> {
  switch (command.do) {
    case 'add-api-token': {
      const { user, name, days } = command;
      const about = { ...(name !== undefined && { name }), ...(days !== undefined && { days }) };
      return withDate(await apiTokens.add(user, about, actor));
    }
    case 'list-api-tokens':
      return (await apiTokens.list()).map(withDate);
    case 'remove-api-token':
      return apiTokens.remove(command.token, actor);
  }
}

function withDate<Token extends { readonly validUntil: number }>({ validUntil, ...token }: Token): object {
  return { ...token, validUntil: new Date(validUntil).toISOString() };
}
