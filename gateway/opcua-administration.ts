/** What is administered of the OPC UA server: which client applications it trusts, and its own certificate. */

/** A certificate of a client application in the trust list. */
export interface ClientCertificate {
  readonly trust: 'trusted' | 'rejected';
  /** SHA-1 of the certificate, 40 hex digits, as OPC UA tools show it. */
  readonly thumbprint: string;
  readonly subject: string;
  readonly applicationUri?: string;
  /** UTC, ISO 8601. */
  readonly validFrom: string;
  readonly validUntil: string;
  /** When it was shown last, since the start of the server; of a rejected one at least when it was seen first. UTC. */
  readonly seen?: string;
}

/** The server's own certificate. */
export interface OwnCertificate {
  /** SHA-1 of the certificate, 40 hex digits. */
  readonly thumbprint: string;
  readonly subject: string;
  /** Who issued it; the subject again where it signed itself. */
  readonly issuer: string;
  readonly applicationUri: string;
  readonly validFrom: string;
  readonly validUntil: string;
}

/** A variable of the address space, for the lists of tags of SCADA tools. */
export interface OpcUaTag {
  /** E.g. `ns=1;s=cabinet/A/compartment/7/State`: the same over restarts and changes of the configuration. */
  readonly nodeId: string;
  /** Browse names from `Objects` on. */
  readonly path: readonly string[];
  /** In English. */
  readonly displayName: string;
  /** Built-in type of OPC UA (OPC 10000-6, 5.1.2), e.g. `Int32`; that of an enumeration is `Int32`. */
  readonly dataType: string;
  readonly array: boolean;
  /** Whether its past can be read. */
  readonly history: boolean;
  /** Engineering unit, e.g. `°C`. */
  readonly unit?: string;
  /** What the numbers of an enumeration mean. */
  readonly values?: readonly { readonly number: number; readonly name: string }[];
  readonly description: string;
}

/** A part of the list of tags. */
export interface OpcUaTagPage {
  readonly tags: readonly OpcUaTag[];
  /** For the next part; left out where this is the last one. Good once, for a minute. */
  readonly next?: string;
}

export interface OpcUaTagRequest {
  readonly do: 'list-opcua-tags';
  /** Of this cabinet and this cassette alone; of everything where both are left out. */
  readonly cabinet?: string;
  readonly cassette?: string;
  /** What the part before gave; nothing else counts then. */
  readonly next?: string;
}

/** What may be asked of the OPC UA server. */
export type OpcUaRequest =
  /** Answered by a list of `ClientCertificate`, rejected ones first. */
  | { readonly do: 'list-opcua-clients' }
  /** Answered by the `ClientCertificate`. */
  | { readonly do: 'trust-opcua-client' | 'distrust-opcua-client'; readonly thumbprint: string }
  /** Answered by the `OwnCertificate`. */
  | { readonly do: 'show-opcua-certificate' }
  /** Answered by a certificate signing request (RFC 2986) as PEM. */
  | { readonly do: 'request-opcua-certificate' }
  /** The certificate as PEM, after it the ones of its issuers. Answered by the `OwnCertificate`. */
  | { readonly do: 'install-opcua-certificate'; readonly certificate: string }
  /** Answered by an `OpcUaTagPage`. */
  | OpcUaTagRequest;

/** Why something was not done. */
export type OpcUaRefusal =
  | 'client-unknown'
  | 'certificate-unfit'
  | 'cabinet-unknown'
  | 'cassette-unknown'
  | 'tag-list-expired'
  | 'opcua-down';

export type OpcUaOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: OpcUaRefusal; readonly message: string };

export interface OpcUaAdministration {
  /** Never rejects. */
  carryOut(request: OpcUaRequest): Promise<OpcUaOutcome>;
}
