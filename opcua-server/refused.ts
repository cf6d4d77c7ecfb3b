/** What was asked of the server in its administration cannot be done. */
import type { OpcUaOutcome, OpcUaRefusal } from '../gateway/opcua-administration.ts';

/** `message` says why in words of a user, and what can be done about it. */
export class AdministrationRefused extends Error {
  readonly code: OpcUaRefusal;

  constructor(code: OpcUaRefusal, message: string) {
    super(message);
    this.name = 'AdministrationRefused';
    this.code = code;
  }
}

/** The outcome of a request: its result, or why it was refused. Anything else rejects. */
export async function outcomeOf(result: Promise<unknown>): Promise<OpcUaOutcome> {
  try {
    return { ok: true, result: await result };
  } catch (error) {
    if (error instanceof AdministrationRefused)
      return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

/** The outcome of everything while the server does not run. */
export const NOT_RUNNING: OpcUaOutcome = {
  ok: false,
  code: 'opcua-down',
  message:
    'The OPC UA server does not run. What is wrong stands in the notices of Sezam and in /health/ready.',
};
