import type { Actor } from '../../domain/event.ts';
import type { Administration } from '../administration.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks about the tokens of panels. */
export type PanelCommand =
  | { readonly do: 'add-panel-token'; readonly panel: string }
  | { readonly do: 'list-panel-tokens' }
  | { readonly do: 'remove-panel-token'; readonly token: string };

/** JSON schemas of the commands. */
export const PANEL_SHAPES: readonly object[] = [
  shape(['add-panel-token'], { panel: TEXT }),
  shape(['list-panel-tokens'], {}),
  shape(['remove-panel-token'], { token: TEXT }),
];

/** Carries out what was asked about panels. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForPanels(
  command: PanelCommand,
  { panelTokens }: Administration,
  actor: Actor,
): Promise<unknown> {
  switch (command.do) {
    case 'add-panel-token':
      return panelTokens.add(command.panel, actor);
    case 'list-panel-tokens':
      return panelTokens
        .list()
        .map(({ createdAt, ...token }) => ({ ...token, createdAt: new Date(createdAt).toISOString() }));
    case 'remove-panel-token':
      return panelTokens.remove(command.token, actor);
  }
}
