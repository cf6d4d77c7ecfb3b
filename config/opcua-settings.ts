import type { Milliseconds } from '../domain/site.ts';
import { ConfigurationError } from './configuration-error.ts';

/** What the environment says of how OPC UA clients find the server, and of how it takes leave of them. */
export interface OpcUaSettings {
  /** `SEZAM_OPCUA_REVERSE_CONNECT`: clients that wait to be dialled, `opc.tcp://host:port`; up to 8. */
  readonly reverseConnect: readonly string[];
  /** `SEZAM_OPCUA_DISCOVERY`: the discovery server to be registered with. */
  readonly discoveryServer: string | undefined;
  /** `SEZAM_OPCUA_STOP_NOTICE`, in seconds there: how long clients are told of a stop before it. */
  readonly stopNotice: Milliseconds;
}

const MOST_REVERSE = 8;
/** Seconds. */
const USUAL_NOTICE = 2;
const LONGEST_NOTICE = 60;

const URL =
  /^opc\.tcp:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:([1-9][0-9]{0,4})(?:\/[^\s,]{0,200})?$/;
const A_URL = 'a URL such as opc.tcp://scada.example.com:4841';

/** What the environment may say, for ajv. */
export const OPCUA_PROPERTIES = {
  SEZAM_OPCUA_REVERSE_CONNECT: { type: 'string', minLength: 1 },
  SEZAM_OPCUA_DISCOVERY: { type: 'string', minLength: 1 },
  SEZAM_OPCUA_STOP_NOTICE: {
    type: 'string',
    pattern: '^(0|[1-9][0-9]?)$',
    description: `a number of seconds from 0 to ${LONGEST_NOTICE}`,
  },
} as const;

type OpcUaVariable = keyof typeof OPCUA_PROPERTIES;

/**
 * The settings from an environment that ajv has found well formed.
 * @throws ConfigurationError that names the variable and what is wrong with it
 */
export function readOpcUaSettings(given: Readonly<Record<string, string | undefined>>): OpcUaSettings {
  const reverse = given['SEZAM_OPCUA_REVERSE_CONNECT'];
  const discoveryServer = given['SEZAM_OPCUA_DISCOVERY'];
  const notice = Number(given['SEZAM_OPCUA_STOP_NOTICE'] ?? USUAL_NOTICE);
  const reverseConnect = reverse === undefined ? [] : reverse.split(',').map((url) => url.trim());
  if (reverseConnect.length > MOST_REVERSE)
    throw wrong('SEZAM_OPCUA_REVERSE_CONNECT', `must name at most ${MOST_REVERSE} clients`);
  if (!reverseConnect.every(isUrl))
    throw wrong('SEZAM_OPCUA_REVERSE_CONNECT', `must be ${A_URL}, or several with commas between`);
  if (discoveryServer !== undefined && !isUrl(discoveryServer))
    throw wrong('SEZAM_OPCUA_DISCOVERY', `must be ${A_URL}`);
  if (notice > LONGEST_NOTICE)
    throw wrong('SEZAM_OPCUA_STOP_NOTICE', `must be ${OPCUA_PROPERTIES.SEZAM_OPCUA_STOP_NOTICE.description}`);
  return { reverseConnect, discoveryServer, stopNotice: notice * 1_000 };
}

function isUrl(text: string): boolean {
  const port = URL.exec(text)?.[1];
  return port !== undefined && Number(port) <= 65_535;
}

function wrong(variable: OpcUaVariable, reason: string): ConfigurationError {
  return new ConfigurationError('environment', variable, reason);
}
