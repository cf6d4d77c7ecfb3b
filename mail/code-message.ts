import { LANGUAGES, type Language } from '../domain/texts/texts.ts';
import type { CodeMailRequest } from '../gateway/ports.ts';
import { oneLine } from './address.ts';
import type { MailMessage } from './message.ts';
import en from './texts/en.json' with { type: 'json' };
import it from './texts/it.json' with { type: 'json' };
import pl from './texts/pl.json' with { type: 'json' };

/** The sentences of the mail with a PIN, in the order in which they stand in it after the subject. */
type Sentence = keyof typeof en;

/** By language; `{placeholders}` stand for the values. */
export const MAIL_TEXTS: Readonly<Record<Language, Readonly<Record<Sentence, string>>>> = { en, pl, it };

/** What the mails of a site say of it. */
export interface MailSite {
  readonly name: string;
  /** For recipients whose own one is not known. */
  readonly language: Language;
  /** IANA name; times are written in it. */
  readonly timeZone: string;
  /** The name of each cabinet by its id. */
  readonly cabinets: ReadonlyMap<string, string>;
}

/** Most characters that a name takes up in a mail. */
const MOST_OF_A_NAME = 200;

/**
 * The mail that tells the recipient of a deposit where it lies and its PIN, as text and as HTML. The PIN does not stand
 * in the subject, which shows on locked screens.
 */
export function codeMessage(site: MailSite, request: CodeMailRequest, to: string): MailMessage {
  const { cabinet, compartment, deposit, recipient, pin, collectBefore } = request;
  const language =
    recipient.language && LANGUAGES.includes(recipient.language) ? recipient.language : site.language;
  const texts = MAIL_TEXTS[language];
  const values: Readonly<Record<string, string>> = {
    site: named(site.name),
    name: named(recipient.name),
    cabinet: named(site.cabinets.get(cabinet) ?? cabinet),
    compartment: String(compartment),
    pin,
    time: collectBefore === undefined ? '' : timeIn(language, site.timeZone, collectBefore),
  };
  const sentences: readonly Sentence[] = [
    'greeting',
    'where',
    'pin',
    'how',
    ...(collectBefore === undefined ? [] : (['before'] as const)),
    'secret',
    'automatic',
  ];
  const paragraphs = sentences.map((sentence) => fill(texts[sentence], values, String));
  const elements = sentences.map((sentence) => {
    const words = fill(escaped(texts[sentence]), values, escaped);
    return sentence === 'pin' ? `<p><strong>${words}</strong></p>` : `<p>${words}</p>`;
  });
  return {
    to,
    subject: fill(texts.subject, values, String),
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="${language}">\n<meta charset="utf-8">\n<body>\n${elements.join('\n')}\n</body>\n</html>\n`,
    id: deposit,
  };
}

/** Names come from people: one line, not too long. */
function named(name: string): string {
  return oneLine(name).slice(0, MOST_OF_A_NAME).toWellFormed();
}

function fill(
  sentence: string,
  values: Readonly<Record<string, string>>,
  written: (value: string) => string,
): string {
  return sentence.replace(/\{(\w+)\}/g, (placeholder, name: string) => written(values[name] ?? placeholder));
}

function timeIn(language: Language, timeZone: string, at: number): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone,
  }).format(at);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
