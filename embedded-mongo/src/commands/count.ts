import { Int32 } from 'bson';
import { PreparedFind } from '../query/find.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, optionalCount, optionalDocument } from './options.ts';

export const count: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['query', 'limit', 'skip', 'hint', 'fields'], refused: ['collation'] });
  const collection = store.catalog.find(databaseName(command), collectionName(command));
  if (collection === undefined) return { n: new Int32(0) };
  const filter = optionalDocument(command, 'query') ?? {};
  const skip = optionalCount(command, 'skip') ?? 0;
  const limit = optionalCount(command, 'limit') ?? 0;
  if (Object.keys(filter).length === 0 && skip === 0 && limit === 0)
    return { n: new Int32(collection.count()) };
  const find = new PreparedFind(store.database, collection, { filter, skip, limit, hint: command['hint'] });
  let number = 0;
  while (find.next() !== undefined) number++;
  return { n: new Int32(number) };
};
