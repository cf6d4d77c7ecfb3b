import { ANSWERS } from '../../gateway/answer-shapes.ts';
import { json, ref, reply, withReferences } from '../openapi.ts';
import {
  ANSWER_BODY,
  FAILED,
  NOTICE,
  PANEL,
  PHONE_ACCESS,
  PHONE_LOOK,
  PHONE_OPEN,
  PROMPT,
  RECIPIENT,
  REFUSED,
  TEXT,
  VIEW,
  VISIT,
} from './shapes.ts';

const failed = (description: string) => reply(description, ref('Failed'));
const refused = (description: string) => reply(description, ref('Refused'));
const list = (name: string, schema: object) => ({
  type: 'object',
  additionalProperties: false,
  required: [name],
  properties: { [name]: { type: 'array', items: schema } },
});

/** Schemas that others name: each is the very object that stands in them. */
const NAMED: ReadonlyMap<object, string> = new Map<object, string>([
  [TEXT, 'Text'],
  [RECIPIENT, 'Recipient'],
  [PROMPT, 'Prompt'],
  [NOTICE, 'Notice'],
  [VIEW, 'View'],
]);

const ANSWER_REFS = Object.keys(ANSWERS).map((name) => ref(answerName(name)));

const UNAVAILABLE = reply('Starting, busy, or nothing can be stored; nothing was opened.', {
  oneOf: [ref('Failed'), ref('Refused')],
});
const STARTING = failed('Sezam is starting, or stops. Ask again after `Retry-After`.');
const TOKEN_REPLIES = {
  401: failed('No token, or none that is known (`token-missing`, `token-unknown`).'),
  403: failed('The token is for another panel.'),
  404: refused('The site has no such panel any more.'),
  429: failed('Too many wrong tokens from this address, or too many requests with this one.'),
  503: STARTING,
};
const AT_PANEL = [{ name: 'panel', in: 'path', required: true, schema: { type: 'string' } }];

/** The description of the panel API, OpenAPI 3.1, made from the schemas that requests are checked against. */
export function panelApiDescription(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sezam panel API',
      version: '1',
      description:
        'Drives a panel of a locker site: what it shows, what is answered, and one-time access by phone.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ panelToken: [] }],
    paths: {
      '/api/panels': {
        get: {
          operationId: 'ownPanel',
          summary: 'The panel that the token is for.',
          responses: { 200: reply('A list of one.', list('panels', ref('Panel'))), ...TOKEN_REPLIES },
        },
      },
      '/api/panels/{panel}': {
        get: {
          operationId: 'view',
          summary: 'What the panel shows now.',
          parameters: AT_PANEL,
          responses: { 200: reply('The view.', ref('View')), ...TOKEN_REPLIES },
        },
      },
      '/api/panels/{panel}/answers': {
        post: {
          operationId: 'answer',
          summary: 'Answers at the panel. The reply comes when the answer is durable.',
          parameters: AT_PANEL,
          requestBody: { required: true, content: json(ref('AnswerBody')) },
          responses: {
            200: reply('What the panel shows then.', ref('View')),
            400: failed('The body is none of the answers.'),
            ...TOKEN_REPLIES,
            409: refused('Refused as things are; another look at the view, or a moment, may help.'),
            413: failed('More than 4 kB.'),
            422: refused('Refused: wrong, or not permitted.'),
            503: UNAVAILABLE,
          },
        },
      },
      '/api/panels/{panel}/changes': {
        get: {
          operationId: 'changes',
          summary: 'The view now and at each change, as server-sent events.',
          description:
            'Event `view`: a View. Event `end`: `{"reason": "token-ended" | "replaced" | "gateway-stopped"}`, the last one. A comment every 10 s is a sign of life. At most 8 streams per token; a ninth ends the oldest.',
          parameters: AT_PANEL,
          responses: {
            200: { description: 'The stream.', content: { 'text/event-stream': {} } },
            ...TOKEN_REPLIES,
          },
        },
      },
      '/api/panels/{panel}/recipients': {
        get: {
          operationId: 'recipients',
          summary: 'Recipients by part of their name, while the panel asks for one; at most 50.',
          parameters: [
            ...AT_PANEL,
            { name: 'name', in: 'query', schema: { type: 'string', maxLength: 128 } },
          ],
          responses: {
            200: reply('Recipients by name.', list('recipients', ref('Recipient'))),
            400: failed('The name is too long.'),
            ...TOKEN_REPLIES,
          },
        },
      },
      '/api/phone/look': {
        post: {
          operationId: 'lookAtLink',
          summary: 'What a one-time link is good for. Changes nothing.',
          security: [],
          requestBody: { required: true, content: json(PHONE_LOOK) },
          responses: { 200: reply('Where it opens.', ref('PhoneAccess')), ...phoneReplies() },
        },
      },
      '/api/phone/open': {
        post: {
          operationId: 'openByLink',
          summary: 'Uses a one-time link up at a panel, as if its owner had identified there.',
          security: [],
          requestBody: { required: true, content: json(PHONE_OPEN) },
          responses: {
            200: reply('The view, and a token to follow the visit and to answer for it.', ref('Visit')),
            404: refused('No panel was named, or one where the link is not good.'),
            409: refused('Refused as things are; the link may be good yet.'),
            ...phoneReplies(),
          },
        },
      },
    },
    components: {
      securitySchemes: {
        panelToken: { type: 'http', scheme: 'bearer', description: '`npm run admin -- add-panel-token`' },
      },
      schemas: {
        ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, within(schema)])),
        Panel: PANEL,
        PhoneAccess: PHONE_ACCESS,
        Visit: within(VISIT),
        ...Object.fromEntries(Object.entries(ANSWERS).map(([name, schema]) => [answerName(name), schema])),
        Answer: { oneOf: ANSWER_REFS },
        AnswerBody: {
          ...ANSWER_BODY,
          properties: { ...ANSWER_BODY.properties, answer: ref('Answer') },
        },
        Refused: within(REFUSED),
        Failed: FAILED,
      },
    },
  };
}

function phoneReplies(): object {
  return {
    400: failed('There is no token of a link in the body.'),
    422: refused('The link was used, has expired, or opens nothing for its owner.'),
    429: failed('Too many links that do not fit from this address.'),
    503: UNAVAILABLE,
  };
}

/** `AnswerCollect` for `collect`. */
function answerName(name: string): string {
  return `Answer${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

const within = (schema: object): object => withReferences(schema, NAMED);
