/** `getMore` and `killCursors`. */
import { CommandError, errorCode } from '../errors.ts';
import type { Command } from './command.ts';
import {
  checkFields,
  collectionName,
  cursorId,
  databaseName,
  optionalCount,
  requiredArray,
} from './options.ts';

export const getMore: Command = (command, { store }) => {
  checkFields(command, {
    carriedOut: ['collection', 'batchSize'],
    refused: ['term', 'lastKnownCommittedOpTime'],
  });
  const id = cursorId(command, 'getMore', command['getMore']);
  const name = command['collection'];
  if (typeof name !== 'string') {
    throw new CommandError(
      errorCode.missingField,
      "BSON field 'getMore.collection' is missing but a required field",
    );
  }
  const batchSize = optionalCount(command, 'batchSize');
  return store.cursors.more(id, `${databaseName(command)}.${name}`, batchSize === 0 ? undefined : batchSize);
};

export const killCursors: Command = (command, { store }) => {
  checkFields(command, { carriedOut: ['cursors'] });
  const namespace = `${databaseName(command)}.${collectionName(command)}`;
  const ids = requiredArray(command, 'cursors').map((id) => cursorId(command, 'cursors', id));
  const killed = ids.filter((id) => store.cursors.kill(id, namespace));
  return {
    cursorsKilled: killed,
    cursorsNotFound: ids.filter((id) => !killed.includes(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
  };
};
