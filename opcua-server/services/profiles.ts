/**
 * The profiles that the server claims (ServerCapabilities.ServerProfileArray; OPC 10000-7, 6.2). What each of them asks for is
 * in docs/opcua-profile.md, with a test for every conformance unit; nothing is claimed without.
 */
import type { ServerSettings } from '../protocol.ts';

interface Profile {
  /** As OPC 10000-7 calls it. */
  readonly title: string;
  readonly uri: string;
}

const SERVER = 'http://opcfoundation.org/UA-Profile/Server';
const USER_TOKEN = 'http://opcfoundation.org/UA-Profile/Security/UserToken';
const SECURITY_POLICY = 'http://opcfoundation.org/UA/SecurityPolicy#';

/** Claimed always. */
export const PROFILES: readonly Profile[] = [
  { title: 'Standard 2017 UA Server Profile', uri: `${SERVER}/StandardUA2017` },
  {
    title: 'UA-TCP UA-SC UA-Binary',
    uri: 'http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary',
  },
  { title: 'Reverse Connect Server Facet', uri: `${SERVER}/ReverseConnect` },
  { title: 'Data Access Server Facet', uri: `${SERVER}/DataAccess` },
  { title: 'Method Server Facet', uri: `${SERVER}/Methods` },
  { title: 'Standard Event Subscription Server Facet', uri: `${SERVER}/StandardEventSubscription` },
  { title: 'Auditing Server Facet', uri: `${SERVER}/Auditing` },
  { title: 'Historical Raw Data Server Facet', uri: `${SERVER}/HistoricalRawData` },
  { title: 'Historical Data AtTime Server Facet', uri: `${SERVER}/HistoricalDataAtTime` },
  { title: 'Base Historical Event Server Facet', uri: `${SERVER}/BaseHistoricalEvent` },
  { title: 'SecurityPolicy – Basic256Sha256', uri: `${SECURITY_POLICY}Basic256Sha256` },
  { title: 'SecurityPolicy – Aes128-Sha256-RsaOaep', uri: `${SECURITY_POLICY}Aes128_Sha256_RsaOaep` },
  { title: 'SecurityPolicy – Aes256-Sha256-RsaPss', uri: `${SECURITY_POLICY}Aes256_Sha256_RsaPss` },
  { title: 'User Token – User Name Password Server Facet', uri: `${USER_TOKEN}/Server/UserNamePassword` },
  { title: 'User Token – X509 Certificate Server Facet', uri: `${USER_TOKEN}/Server/X509Certificate` },
];

/** Claimed where the settings switch on what they ask for. */
export const UNENCRYPTED: Profile = { title: 'SecurityPolicy – None', uri: `${SECURITY_POLICY}None` };
export const ANONYMOUS: Profile = { title: 'User Token – Anonymous Facet', uri: `${USER_TOKEN}/Anonymous` };

/** The URIs of the profiles that a server with these settings claims. */
export function claimedProfiles({ allowUnencrypted, allowAnonymous }: ServerSettings): string[] {
  const claimed = [
    ...PROFILES,
    ...(allowUnencrypted ? [UNENCRYPTED] : []),
    ...(allowAnonymous ? [ANONYMOUS] : []),
  ];
  return claimed.map(({ uri }) => uri);
}
