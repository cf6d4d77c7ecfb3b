import { expect } from 'chai';
import type { OPCUAServer } from 'node-opcua';
import { Cancel } from '../../../opcua-server/services/cancel.ts';
import { filterServerEvents } from '../../../opcua-server/services/server-event-filters.ts';
import { guardDiagnostics } from '../../../opcua-server/services/session-diagnostics.ts';

/** A library without the parts that the services rest on. */
const other = { engine: {}, on: () => {} } as unknown as OPCUAServer;

describe('OPC UA services on another library', () => {
  it('say what they miss instead of doing nothing', () => {
    expect(() => new Cancel(() => {}).attach(other)).to.throw('has no _on_CallRequest');
    expect(() => filterServerEvents(other)).to.throw('The standard nodes are not there');
    expect(() => guardDiagnostics(other, () => '')).to.throw('have no diagnostics');
  });
});
