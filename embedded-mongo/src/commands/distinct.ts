import { CommandError, errorCode } from '../errors.ts';
import { PreparedFind } from '../query/find.ts';
import { encodeValue } from '../storage/index-keys.ts';
import { decode } from '../values/codec.ts';
import { compareValues } from '../values/order.ts';
import { parsePath, somePathValue } from '../values/path.ts';
import { missing, type Value } from '../values/types.ts';
import type { Command } from './command.ts';
import { checkFields, collectionName, databaseName, optionalDocument } from './options.ts';

export const distinct: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['key', 'query', 'hint'], refused: ['collation'] });
  const key = command['key'];
  if (typeof key !== 'string') {
    throw new CommandError(
      errorCode.missingField,
      "BSON field 'distinct.key' is missing but a required field",
    );
  }
  const collection = store.catalog.find(databaseName(command), collectionName(command));
  if (collection === undefined) return { values: [] };
  const filter = optionalDocument(command, 'query') ?? {};
  const find = new PreparedFind(store.database, collection, { filter, hint: command['hint'] });
  const path = parsePath(key);
  const values = new Map<string, Value>();
  const collect = (value: Value): void => {
    if (value === missing) return;
    values.set(Buffer.from(encodeValue(value, 1)).toString('latin1'), value);
  };
  for (let found = find.next(); found !== undefined; found = find.next()) {
    somePathValue(found.document ?? decode(found.bytes), path, false, (value) => {
      if (Array.isArray(value)) value.forEach(collect);
      else collect(value);
      return false;
    });
  }
  return { values: [...values.values()].sort(compareValues) };
};
