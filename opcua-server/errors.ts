/** Why the OPC UA server could not start. */
export type OpcUaStartFailure =
  | 'opcua-port-in-use'
  | 'opcua-port-forbidden'
  | 'opcua-address-unknown'
  | 'opcua-folder-unusable'
  | 'opcua-start-timeout'
  | 'opcua-start-failed';

/** The OPC UA server could not start. `message` names the setting and the way out. */
export class OpcUaStartError extends Error {
  readonly code: OpcUaStartFailure;

  constructor(code: OpcUaStartFailure, message: string) {
    super(message);
    this.name = 'OpcUaStartError';
    this.code = code;
  }
}

/** Puts what the operating system or the server said into words, with the setting that can change it. */
export function explainStartFailure(
  error: unknown,
  settings: { readonly bind: string; readonly port: number; readonly folder: string },
): { code: OpcUaStartFailure; text: string } {
  const text = error instanceof Error ? error.message : String(error);
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return {
        code: 'opcua-port-in-use',
        text:
          `The OPC UA port ${settings.port} on ${settings.bind} is in use by another program. ` +
          'Stop that program or choose another port (SEZAM_OPCUA_PORT).',
      };
    case 'EACCES':
    case 'EPERM':
      return isPathError(error)
        ? folderUnusable(settings.folder, text)
        : {
            code: 'opcua-port-forbidden',
            text:
              `The OPC UA port ${settings.port} on ${settings.bind} may not be opened by this user. ` +
              'Choose a port above 1023 (SEZAM_OPCUA_PORT).',
          };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'opcua-address-unknown',
        text: `This computer has no address "${settings.bind}" to offer OPC UA on. Correct it (SEZAM_BIND).`,
      };
    case 'ENOSPC':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EEXIST':
      return folderUnusable(settings.folder, text);
    default:
      return { code: 'opcua-start-failed', text: `The OPC UA server could not start: ${text}` };
  }
}

function folderUnusable(folder: string, text: string): { code: OpcUaStartFailure; text: string } {
  return {
    code: 'opcua-folder-unusable',
    text:
      `The folder "${folder}" for the OPC UA certificates cannot be used (${text}). ` +
      'Make it writable for this user, or move the data folder (SEZAM_DATA).',
  };
}

function errorCode(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function isPathError(error: unknown): boolean {
  return typeof (error as { path?: unknown }).path === 'string';
}
