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
  | { readonly do: 'install-opcua-certificate'; readonly certificate: string };

/** Why something was not done. */
export type OpcUaRefusal = 'client-unknown' | 'certificate-unfit' | 'opcua-down';

export type OpcUaOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: OpcUaRefusal; readonly message: string };

export interface OpcUaAdministration {
  /** Never rejects. */
  carryOut(request: OpcUaRequest): Promise<OpcUaOutcome>;
}
