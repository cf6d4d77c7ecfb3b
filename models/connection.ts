import mongoose, { type Connection } from 'mongoose';

/** How long to look for a server, and to wait for an answer. Milliseconds. */
const SERVER_SELECTION = 2_000;
const SOCKET_IDLE = 30_000;

/** `scheme://[login@]hosts[/database]`; what follows the database is of no matter here. */
const CONNECTION_STRING = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?(?<hosts>[^/?]+)(?:\/(?<database>[^?]+))?/;

/**
 * Everything up to the last `@` before the options is login. One of `@` or `/` in it is not percent-encoded: what is
 * host and what is password is anybody's guess then.
 */
const UNREADABLE_LOGIN = /^mongodb(?:\+srv)?:\/\/(?:[^?]*[@/][^?]*@|[^?]*@$)/;

/** No server answered, or none that takes this login. */
export class StoreUnreachable extends Error {
  readonly code = 'store-unreachable';

  constructor(uri: string, cause: unknown) {
    // The login in a connection string is nothing for a screen or a log.
    const hosts =
      (!UNREADABLE_LOGIN.test(uri) && CONNECTION_STRING.exec(uri)?.groups?.['hosts']) || 'the given address';
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The database at ${hosts} cannot be reached: ${reason}. Start it, or correct MONGODB_URI.`, {
      cause,
    });
    this.name = 'StoreUnreachable';
  }
}

/**
 * Opens the one connection that everything which stores shares; agenda is handed its `db`.
 * Writes are acknowledged by a majority and from the journal of the database.
 *
 * @param uri connection string; a database name in it is respected, `sezam` otherwise
 * @throws StoreUnreachable where no server answers or the connection string is none
 */
export async function connect(uri: string): Promise<Connection> {
  if (UNREADABLE_LOGIN.test(uri)) {
    throw new StoreUnreachable(uri, 'in its login, write @ as %40 and / as %2F, and name a host after it');
  }
  const named = CONNECTION_STRING.exec(uri)?.groups?.['database'] !== undefined;
  const connection = mongoose.createConnection();
  try {
    return await connection.openUri(uri, {
      ...(!named && { dbName: 'sezam' }),
      serverSelectionTimeoutMS: SERVER_SELECTION,
      socketTimeoutMS: SOCKET_IDLE,
      connectTimeoutMS: SERVER_SELECTION,
      maxPoolSize: 10,
      writeConcern: { w: 'majority', journal: true },
      autoIndex: false,
      autoCreate: false,
    });
  } catch (error) {
    await connection.close().catch(() => {});
    throw new StoreUnreachable(uri, error);
  }
}
