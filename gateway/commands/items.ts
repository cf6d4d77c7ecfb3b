import type { Actor } from '../../domain/event.ts';
import { TAG_KINDS, type TagKind } from '../../domain/item.ts';
import type { Administration } from '../administration.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks about items. */
export type ItemCommand =
  | { readonly do: 'list-items' }
  | { readonly do: 'add-item'; readonly name: string; readonly tag: string; readonly tagKind: TagKind }
  | { readonly do: 'rename-item'; readonly item: string; readonly name: string }
  | { readonly do: 'remove-item'; readonly item: string };

/** JSON schemas of the commands. */
export const ITEM_SHAPES: readonly object[] = [
  shape(['list-items'], {}),
  shape(['add-item'], { name: TEXT, tag: TEXT, tagKind: { enum: TAG_KINDS } }),
  shape(['rename-item'], { item: TEXT, name: TEXT }),
  shape(['remove-item'], { item: TEXT }),
];

/** Carries out what was asked about items. What cannot be done rejects with an `AdministrationError`. */
export async function carryOutForItems(
  command: ItemCommand,
  administration: Administration,
  actor: Actor,
): Promise<unknown> {
  switch (command.do) {
    case 'list-items':
      return administration.items();
    case 'add-item': {
      const { do: _, ...item } = command;
      return { item: await administration.addItem(item, actor) };
    }
    case 'rename-item':
      return administration.renameItem(command.item, command.name, actor);
    case 'remove-item':
      return administration.removeItem(command.item, actor);
  }
}
