import type { StatusCode } from 'node-opcua';

/** Ends the reading of one node with a status for the client. */
export class HistoryFailure extends Error {
  readonly status: StatusCode;

  constructor(status: StatusCode) {
    super(status.description);
    this.name = 'HistoryFailure';
    this.status = status;
  }
}
