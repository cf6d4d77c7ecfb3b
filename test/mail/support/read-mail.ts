/** A mail as a person sees it. */
export interface ReadMail {
  /** By name in lower case, unfolded and decoded; a header that stands twice is here twice. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
  readonly html: string | undefined;
}

/** Reads a mail as it came over the wire: one part, or a text and the same as HTML. */
export function readMail(raw: string): ReadMail {
  const { headers, body } = split(raw);
  const type = headers.get('content-type')?.[0] ?? '';
  const [, boundary] = /boundary="([^"]+)"/.exec(type) ?? [];
  if (boundary === undefined) return { headers, text: decoded(headers, body), html: undefined };
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')));
  const content = (kind: string): string | undefined => {
    const part = parts.find((candidate) => candidate.headers.get('content-type')?.[0]?.startsWith(kind));
    return part && decoded(part.headers, part.body);
  };
  return { headers, text: content('text/plain') ?? '', html: content('text/html') };
}

function split(raw: string): { readonly headers: ReadonlyMap<string, string[]>; readonly body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const headers = new Map<string, string[]>();
  for (const line of raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), words(line.slice(colon + 1).trim())]);
  }
  return { headers, body: raw.slice(end + 4) };
}

/** Encoded words of RFC 2047. */
function words(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, kind: string, content: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(content, 'base64').toString('utf8')
        : quotedPrintable(content.replaceAll('_', ' ')),
    );
}

function decoded(headers: ReadonlyMap<string, readonly string[]>, body: string): string {
  const encoding = headers.get('content-transfer-encoding')?.[0]?.toLowerCase();
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : encoding === 'quoted-printable'
        ? quotedPrintable(body)
        : body;
  return text.replaceAll('\r\n', '\n').replace(/\n+$/, '\n');
}

function quotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
