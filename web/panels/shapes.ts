/**
 * The JSON schemas of the panel API: requests are checked against them, `docs/panels.openapi.json` is made from them.
 * Written in what JSON Schema draft-07 and 2020-12 (OpenAPI 3.1) have in common.
 */
import { REFUSAL_CODES } from '../../domain/refusals.ts';
import { type AnswerKind, PROMPT_CODES } from '../../domain/session/prompt.ts';
import type { AccessCodeKind } from '../../domain/session/session.ts';
import { MOST_COMPARTMENTS } from '../../domain/site.ts';
import { LANGUAGES } from '../../domain/texts/texts.ts';
import { COMPARTMENT, exactly, ID } from '../../gateway/answer-shapes.ts';
import { FAILURE_CODES } from './replies.ts';

const TIME = { type: 'number', description: 'Milliseconds since 1970-01-01T00:00:00Z.' } as const;
const VALUES = { type: 'object', additionalProperties: { type: ['string', 'number'] } } as const;
const PINS = 'Fewest and most digits of a PIN.';

/** What a prompt may ask for; the compiler knows where one is missing. */
const AWAITED = Object.keys({
  identify: true,
  deposit: true,
  collect: true,
  compartment: true,
  recipient: true,
  code: true,
  cancel: true,
  fault: true,
} satisfies Readonly<Record<AnswerKind, true>>);
/** What a code may be. */
const CODES = Object.keys({ pin: true, barcode: true, qr: true } satisfies Readonly<
  Record<AccessCodeKind, true>
>);

/** The body of an answer, whatever the answer is. */
export const ANSWER_BODY = exactly({ answer: { type: 'object' }, session: ID }, ['session']);

/** The same sentence in every language. */
export const TEXT = exactly(Object.fromEntries(LANGUAGES.map((language) => [language, { type: 'string' }])));

export const RECIPIENT = exactly({ user: ID, name: { type: 'string' } });

export const PROMPT = exactly(
  {
    code: { enum: PROMPT_CODES },
    values: VALUES,
    answers: {
      type: 'array',
      items: { enum: AWAITED },
    },
    compartments: { type: 'array', maxItems: MOST_COMPARTMENTS, items: COMPARTMENT },
    codes: { type: 'array', items: { enum: CODES } },
    pin: {
      ...exactly({ least: { type: 'integer' }, most: { type: 'integer' } }),
      description: PINS,
    },
  },
  ['compartments', 'codes', 'pin'],
);

export const NOTICE = exactly({
  code: { enum: [...PROMPT_CODES, ...REFUSAL_CODES] },
  values: VALUES,
  text: TEXT,
  at: TIME,
});

/** What a panel shows. */
export const VIEW = exactly(
  {
    panel: ID,
    cabinet: ID,
    prompt: PROMPT,
    text: TEXT,
    session: ID,
    until: TIME,
    recipients: { type: 'array', maxItems: 50, items: RECIPIENT },
    notice: NOTICE,
  },
  ['session', 'until', 'recipients', 'notice'],
);

/** What a token is good for. */
export const PANEL = exactly({
  panel: ID,
  name: { type: 'string' },
  cabinet: ID,
  cabinetName: { type: 'string' },
  compartments: { type: 'array', maxItems: MOST_COMPARTMENTS, items: COMPARTMENT },
});

/** The token of a link: 256 bits in base64url. The 8 digits beside it are for panels, where tries are counted. */
const LINK = { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' } as const;

export const PHONE_LOOK = exactly({ token: LINK });
export const PHONE_OPEN = exactly({ token: LINK, panel: ID }, ['panel']);

/** What a link would open. */
export const PHONE_ACCESS = exactly({
  cabinet: ID,
  cabinetName: { type: 'string' },
  panels: { type: 'array', items: exactly({ panel: ID, name: { type: 'string' } }) },
  validUntil: TIME,
});

/** What a link opened, and the token with which its owner follows that. */
export const VISIT = exactly({ visit: { type: 'string' }, view: VIEW });

export const REFUSED = exactly({ code: { enum: REFUSAL_CODES }, values: VALUES, text: TEXT });

/** Why a request was not taken, where that is no matter of the panel. */
export const FAILED = exactly({ code: { enum: FAILURE_CODES }, message: { type: 'string' } });
