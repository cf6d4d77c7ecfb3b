/** One way from any error to what a flow's builder sees: a coded error for `done`, and a status. */
import { STATUS, type StatusText } from './status.ts';

/** An error of a node itself, with a stable code that a catch node can tell apart. */
export class NodeError extends Error {
  readonly code: NodeErrorCode;

  constructor(code: NodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NodeError';
    this.code = code;
  }
}

/** What nodes themselves complain about; the gateway's own errors keep their own codes. */
export type NodeErrorCode =
  | 'gateway-not-configured'
  | 'gateway-not-running'
  | 'gateway-settings-conflict'
  | 'bus-not-configured'
  | 'message-without-presentation'
  | 'message-without-identity'
  | 'message-without-grant'
  | 'message-malformed'
  | 'secret-in-message'
  | 'setting-contradicted'
  | 'panel-not-in-site'
  | 'reader-not-in-site'
  | 'cassette-not-in-site'
  | 'bytes-expected'
  | 'too-many-bytes'
  | 'settings-too-new'
  | 'setting-missing'
  | 'unexpected-error';

/** An error ready to be shown: `code` is always there. */
export interface ExplainedError {
  readonly error: Error & { readonly code: string };
  readonly status: StatusText;
}

/** Maps whatever was thrown to a coded error and the status to show. Never throws. */
export function explain(thrown: unknown): ExplainedError {
  const error = coded(thrown);
  return { error, status: STATUS_OF[error.code] ?? STATUS.failed };
}

function coded(thrown: unknown): Error & { readonly code: string } {
  if (thrown instanceof Error) {
    const code = (thrown as { code?: unknown }).code;
    if (typeof code === 'string') return thrown as Error & { readonly code: string };
    return new NodeError('unexpected-error', thrown.message, { cause: thrown });
  }
  return new NodeError('unexpected-error', `Something that is no error was thrown: ${String(thrown)}`);
}

const STATUS_OF: Readonly<Record<string, StatusText>> = {
  'gateway-not-configured': STATUS.notConfigured,
  'bus-not-configured': STATUS.notConfigured,
  'setting-missing': STATUS.notConfigured,
  'settings-too-new': STATUS.notConfigured,
  'panel-not-in-site': STATUS.notConfigured,
  'reader-not-in-site': STATUS.notConfigured,
  'cassette-not-in-site': STATUS.notConfigured,
  'gateway-not-running': STATUS.noGateway,
  'gateway-settings-conflict': STATUS.noGateway,
  'message-without-presentation': STATUS.badMessage,
  'message-without-identity': STATUS.badMessage,
  'message-without-grant': STATUS.badMessage,
  'message-malformed': STATUS.badMessage,
  'secret-in-message': STATUS.badMessage,
  'setting-contradicted': STATUS.badMessage,
  'bytes-expected': STATUS.badMessage,
  'too-many-bytes': STATUS.badMessage,
};
