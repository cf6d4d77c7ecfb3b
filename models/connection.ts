import mongoose, { type Connection } from 'mongoose';

/** How long to look for a server, and to wait for an answer. Milliseconds. */
const SERVER_SELECTION = 2_000;
const SOCKET_IDLE = 30_000;

/**
 * Opens the one connection that everything which stores shares; agenda is handed its `db`.
 * Writes are acknowledged by a majority and from the journal of the database. Rejects where no server answers.
 *
 * @param uri connection string; a database name in it is respected, `sezam` otherwise
 */
export async function connect(uri: string): Promise<Connection> {
  const named = new URL(uri.replace(/^mongodb(\+srv)?:/, 'http:').replace(/,[^/]*/, '')).pathname.length > 1;
  const connection = mongoose.createConnection(uri, {
    ...(!named && { dbName: 'sezam' }),
    serverSelectionTimeoutMS: SERVER_SELECTION,
    socketTimeoutMS: SOCKET_IDLE,
    connectTimeoutMS: SERVER_SELECTION,
    maxPoolSize: 10,
    writeConcern: { w: 'majority', journal: true },
    autoIndex: false,
    autoCreate: false,
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
}
