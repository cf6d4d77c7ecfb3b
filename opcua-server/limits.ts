/**
 * How much a client may ask for, and how long it may take. Each limit is generous for whoever reads and commands a site of
 * tens of thousands of values, and small enough that all clients together do not use up the memory of the server's thread.
 */
import { BinaryStream, Variant } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/** Most clients at a time; each has a session and a connection, and some are about to reconnect. */
export const MOST_SESSIONS = 50;
export const MOST_CONNECTIONS = 100;

/** Longest chunk either way, in bytes: what most clients ask for, and the least that OPC 10000-6, 6.7.2 allows is 8 KiB. */
const LONGEST_CHUNK = 64 * KIBIBYTE;
/** Longest answer, in bytes, for clients that take more; one that takes less is given less. */
const LONGEST_ANSWER = 16 * MEBIBYTE;
/** Longest array, and longest String or ByteString in bytes, in a request. */
const LONGEST_ARRAY = 65_536;
const LONGEST_TEXT = MEBIBYTE;

/** Most items, browse paths and nodes of one request; the page sizes that clients split their requests into. */
const MOST_OPERATIONS = 10_000;
/** Most methods called by one request: each may keep the gateway busy. */
const MOST_CALLS = 100;

/** Most fields of an event filter, and most operands of its conditions: more than all event types of the site have. */
export const MOST_CLAUSES = 500;
/** Most elements of a browse path: more than any path of the address space has. */
export const LONGEST_BROWSE_PATH = 100;
/** Most values, and fields of events, that wait in the queues of all monitored items together: some 300 MB at most. */
export const MOST_QUEUED = 500_000;

/** What the server says of itself (Server/ServerCapabilities) and refuses beyond. */
export const CAPABILITIES = {
  maxSessions: MOST_SESSIONS,
  maxSubscriptionsPerSession: 50,
  maxSubscriptions: 500,
  maxMonitoredItems: 200_000,
  maxMonitoredItemsPerSubscription: 100_000,
  maxMonitoredItemsQueueSize: 5_000,
  maxSelectClauseParameters: MOST_CLAUSES,
  maxWhereClauseParameters: MOST_CLAUSES,
  maxBrowseContinuationPoints: 50,
  maxArrayLength: LONGEST_ARRAY,
  maxStringLength: LONGEST_TEXT,
  maxByteStringLength: LONGEST_TEXT,
  minSupportedSampleRate: 0,
};

export const OPERATION_LIMITS = {
  maxNodesPerRead: MOST_OPERATIONS,
  maxNodesPerWrite: MOST_OPERATIONS,
  maxNodesPerBrowse: MOST_OPERATIONS,
  maxNodesPerRegisterNodes: MOST_OPERATIONS,
  maxNodesPerTranslateBrowsePathsToNodeIds: MOST_OPERATIONS,
  maxMonitoredItemsPerCall: MOST_OPERATIONS,
  maxNodesPerMethodCall: MOST_CALLS,
};

/** What is allowed on one connection, and on all of them together. */
export interface ConnectionLimits {
  /** From its first byte, or none, to an open secure channel. */
  readonly opensWithin: Milliseconds;
  /** From the first byte of a message to its last. */
  readonly completesWithin: Milliseconds;
  /** Of a client that has answers to read: until it has read some of them. */
  readonly readsWithin: Milliseconds;
  /** Connections without a session from one address; the oldest of them gives way to the next. */
  readonly mostWaitingPerAddress: number;
  /** Longest OPN message, in bytes: the longest chain of certificates that is looked at, and the request. */
  readonly longestOpening: number;
  /** Longest message, in bytes, of a client that has no session, and of one that has. */
  readonly longestBeforeSession: number;
  readonly longestMessage: number;
  /** Bytes of messages that are not complete, on all connections together. */
  readonly mostUnfinished: number;
  /** Unread bytes beyond which nothing more is taken from a client until it reads. */
  readonly pausesAbove: number;
  /** Unread bytes beyond which a client is disconnected, and those of all clients beyond which the worst one is. */
  readonly mostUnread: number;
  readonly mostUnreadTogether: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  opensWithin: 15_000,
  completesWithin: 30_000,
  readsWithin: 60_000,
  mostWaitingPerAddress: 60,
  longestOpening: 24 * KIBIBYTE,
  longestBeforeSession: 64 * KIBIBYTE,
  longestMessage: 2 * MEBIBYTE,
  mostUnfinished: 32 * MEBIBYTE,
  pausesAbove: MEBIBYTE,
  mostUnread: 2 * LONGEST_ANSWER,
  mostUnreadTogether: 8 * LONGEST_ANSWER,
};

/** Sizes in bytes, as Hello and Acknowledge have them (OPC 10000-6, 7.1.2.3 and 7.1.2.4); 0 asks for no limit. */
export interface TransportLimits {
  readonly receiveBufferSize: number;
  readonly sendBufferSize: number;
  readonly maxMessageSize: number;
  readonly maxChunkCount: number;
}

/** What is answered to a client that says hello: what it asks for, as far as that goes. */
export function transportLimitsFor(hello: TransportLimits): TransportLimits {
  const receiveBufferSize = chunkFor(hello.receiveBufferSize);
  const sendBufferSize = chunkFor(hello.sendBufferSize);
  const maxMessageSize = Math.min(hello.maxMessageSize || LONGEST_ANSWER, LONGEST_ANSWER);
  const chunks = Math.ceil(maxMessageSize / Math.min(receiveBufferSize, sendBufferSize)) + 1;
  return {
    receiveBufferSize,
    sendBufferSize,
    maxMessageSize,
    maxChunkCount: Math.min(hello.maxChunkCount || chunks, chunks),
  };
}

function chunkFor(asked: number): number {
  return Math.min(Math.max(asked, 8 * KIBIBYTE), LONGEST_CHUNK);
}

/** Limits what any message may hold when it is decoded. For the thread of the server: it holds for all of its process. */
export function limitDecoding(): void {
  BinaryStream.maxArrayLength = LONGEST_ARRAY;
  BinaryStream.maxStringLength = LONGEST_TEXT;
  BinaryStream.maxByteStringLength = LONGEST_TEXT;
  Variant.maxArrayLength = LONGEST_ARRAY;
}
