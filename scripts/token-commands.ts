/** Commands of `npm run admin` about tokens: of touch panels, and of programs that work over the HTTP API. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { ApiTokenCommand } from '../gateway/commands/api-tokens.ts';
import type { PanelCommand } from '../gateway/commands/panels.ts';

export const TOKEN_USAGE = `Panels
  panel-tokens                                   lists what lets touch panels in
  add-panel-token --panel P                      makes one and prints it, this once
  remove-panel-token --token ID                  ends its right at once

HTTP API
  api-tokens                                     lists what lets programs of users in
  add-api-token --user ID [--name N] [--days N]  makes one and prints it, this once; good for 365 days
  remove-api-token --token ID                    ends its right at once`;

export const TOKEN_OPTIONS = {
  panel: { type: 'string' },
  user: { type: 'string' },
  name: { type: 'string' },
  days: { type: 'string' },
  token: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type TokenValues = { readonly [Name in keyof typeof TOKEN_OPTIONS]?: string | undefined };

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
export function tokenCommandFor(
  name: string,
  { panel, user, name: called, days, token }: TokenValues,
): Partial<PanelCommand | ApiTokenCommand> | undefined {
  switch (name) {
    case 'panel-tokens':
      return { do: 'list-panel-tokens' };
    case 'add-panel-token':
      return { do: name, ...(panel !== undefined && { panel }) };
    case 'api-tokens':
      return { do: 'list-api-tokens' };
    case 'add-api-token':
      return {
        do: name,
        ...(user !== undefined && { user }),
        ...(called !== undefined && { name: called }),
        ...(days !== undefined && { days: Number(days) }),
      };
    case 'remove-panel-token':
    case 'remove-api-token':
      return { do: name, ...(token !== undefined && { token }) };
    default:
      return undefined;
  }
}
