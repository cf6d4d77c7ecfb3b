import { json, ref, reply, withReferences } from '../openapi.ts';
import {
  ACTOR,
  ALARM,
  ALARM_PAGE,
  ALARM_QUERY,
  CERTIFICATE,
  CHANGE,
  CLIENT,
  COMMAND_BODIES,
  FAILED,
  OCCURRENCE,
  SNAPSHOT,
} from './shapes.ts';

const failed = (description: string) => reply(description, ref('Failed'));
const under = (name: string, schema: object) => ({
  type: 'object',
  additionalProperties: false,
  required: [name],
  properties: { [name]: schema },
});

/** Schemas that others name: each is the very object that stands in them. */
const NAMED: ReadonlyMap<object, string> = new Map<object, string>([
  [ACTOR, 'Actor'],
  [OCCURRENCE, 'Occurrence'],
  [ALARM, 'Alarm'],
]);

const EVERYWHERE = {
  401: failed('No token, or none that is good for anything (`token-missing`, `token-unknown`).'),
  403: failed('The roles of the token’s user do not permit it (`not-permitted`).'),
  429: failed('Too many wrong tokens from this address, or too many requests with this one.'),
  503: failed('Starting, busy, or nothing can be stored. Ask again after `Retry-After`.'),
};
const UNKNOWN_ALARM = failed('There is no such alarm, or no such occurrence of it.');
const OPCUA_DOWN = failed('The OPC UA server does not run (`opcua-down`), or Sezam is starting.');

const LANGUAGE = {
  name: 'Accept-Language',
  in: 'header',
  description: '`en`, `pl` or `it`.',
  schema: { type: 'string' },
};
const ALARM_ID = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Percent-encoded, e.g. `door-forced%40A%2F12`.',
  schema: { type: 'string' },
};
const THUMBPRINT = {
  name: 'thumbprint',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[0-9A-Fa-f]{40}$' },
};

/** What each command does, in a sentence. */
const SUMMARIES: Readonly<Record<keyof typeof COMMAND_BODIES, string>> = {
  acknowledge: 'Says that somebody has seen it.',
  confirm: 'Says that what caused it was seen to.',
  comment: 'Says something about it.',
  shelve: 'Keeps it quiet for a time.',
  'shelve-once': 'Keeps it quiet until it comes up again.',
  unshelve: 'Ends that.',
  silence: 'Takes its sound away until it comes up again.',
  suppress: 'Keeps it quiet until it is released. Administrators.',
  release: 'Ends that. Administrators.',
  'take-out': 'Takes it out of service. Administrators.',
  'put-back': 'Puts it back into service. Administrators.',
  enable: 'Lets it be seen again. Administrators.',
  disable: 'Has it not seen at all. Administrators.',
};

/** The description of the administration API, OpenAPI 3.1, made from the schemas that requests are checked against. */
export function administrationApiDescription(): object {
  const query = Object.entries(ALARM_QUERY.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    schema,
  }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sezam administration API',
      version: '1',
      description:
        'Alarms, and the trust list of the OPC UA server, for programs of administrators and operators.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiToken: [] }],
    paths: {
      '/api/alarms': {
        get: {
          operationId: 'alarms',
          summary: 'Alarms, the most urgent and oldest first. Administrators and operators.',
          parameters: [...query, LANGUAGE],
          responses: {
            200: reply('A page of them.', ref('AlarmPage')),
            400: failed('The query is not understood.'),
            ...EVERYWHERE,
          },
        },
      },
      '/api/alarms/changes': {
        get: {
          operationId: 'changes',
          summary: 'The whole book of alarms, then each change, as server-sent events.',
          description:
            'Event `snapshot`: a Snapshot, as many as its `parts` say; together they take the place of all that was told before. Event `change`: a Change; its `sequence` is one more than that of the snapshot or change before. Event `end`: `{"reason": "token-ended" | "not-permitted" | "replaced" | "gateway-stopped"}`, the last one. A comment every 10 s is a sign of life. Whoever sends the last id as `Last-Event-ID` is told what they missed, as long as that is kept (1,000 changes), and a new snapshot otherwise. At most 8 streams per token; a ninth ends the oldest. Whoever does not read for 30 s is cut off.',
          parameters: [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } }, LANGUAGE],
          responses: {
            200: {
              description: 'The stream. The data of its events:',
              content: {
                'text/event-stream': { schema: { oneOf: [ref('Snapshot'), ref('Change')] } },
              },
            },
            ...EVERYWHERE,
          },
        },
      },
      '/api/alarms/{id}': {
        get: {
          operationId: 'alarm',
          summary: 'One alarm.',
          parameters: [ALARM_ID, LANGUAGE],
          responses: {
            200: reply('The alarm.', under('alarm', ref('Alarm'))),
            404: UNKNOWN_ALARM,
            ...EVERYWHERE,
          },
        },
      },
      ...Object.fromEntries(Object.entries(COMMAND_BODIES).map(commandPath)),
      '/api/opcua/clients': {
        get: {
          operationId: 'opcuaClients',
          summary:
            'Clients of the OPC UA server that were rejected, then those that are trusted. Administrators.',
          parameters: [LANGUAGE],
          responses: {
            200: reply('The clients.', under('clients', { type: 'array', items: ref('Client') })),
            ...EVERYWHERE,
            503: OPCUA_DOWN,
          },
        },
      },
      '/api/opcua/clients/{thumbprint}/trust': trustPath(
        'trust',
        'Lets a client in that was rejected, at once. Administrators.',
      ),
      '/api/opcua/clients/{thumbprint}/distrust': trustPath(
        'distrust',
        'Ends the trust in a client, and its sessions. Administrators.',
      ),
      '/api/opcua/certificate': {
        get: {
          operationId: 'opcuaCertificate',
          summary: 'The OPC UA server’s own certificate. Administrators.',
          parameters: [LANGUAGE],
          responses: {
            200: reply('The certificate.', under('certificate', ref('Certificate'))),
            ...EVERYWHERE,
            503: OPCUA_DOWN,
          },
        },
      },
    },
    components: {
      securitySchemes: {
        apiToken: { type: 'http', scheme: 'bearer', description: '`npm run admin -- add-api-token`' },
      },
      schemas: {
        ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, within(schema)])),
        AlarmPage: within(ALARM_PAGE),
        Snapshot: within(SNAPSHOT),
        Change: within(CHANGE),
        Client: CLIENT,
        Certificate: CERTIFICATE,
        Failed: FAILED,
      },
    },
  };
}

function commandPath([command, body]: [string, object]): [string, object] {
  const words = command.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const { required = [] } = body as { readonly required?: readonly string[] };
  const post = {
    operationId: `${words}Alarm`,
    summary: SUMMARIES[command as keyof typeof SUMMARIES],
    parameters: [ALARM_ID, LANGUAGE],
    requestBody: { required: required.length > 0, content: json(body) },
    responses: {
      200: reply('The alarm after it, once that is durable.', under('alarm', ref('Alarm'))),
      400: failed('The body is not what this command takes.'),
      404: UNKNOWN_ALARM,
      409: failed('Refused as things are, e.g. `already-acknowledged`, `not-shelved`, `already-so`.'),
      413: failed('More than 8 kB.'),
      ...(command === 'shelve' && { 422: failed('For longer than 12 hours (`shelving-too-long`).') }),
      ...EVERYWHERE,
    },
  };
  return [`/api/alarms/{id}/${command}`, { post }];
}

function trustPath(verb: string, summary: string): object {
  return {
    post: {
      operationId: `${verb}OpcuaClient`,
      summary,
      parameters: [THUMBPRINT, LANGUAGE],
      responses: {
        200: reply('The client after it.', under('client', ref('Client'))),
        400: failed('That is no thumbprint.'),
        404: failed('There is no client with that certificate (`client-unknown`).'),
        ...EVERYWHERE,
        503: OPCUA_DOWN,
      },
    },
  };
}

function within(schema: object): object {
  return withReferences(schema, NAMED);
}
