import { type NextFunction, type Request, type Response, Router } from 'express';
import { type Administration, AdministrationError } from '../../gateway/administration.ts';
import { carryOutForOpcUa } from '../../gateway/commands/opcua.ts';
import type { OpcUaAdministration, OpcUaRequest } from '../../gateway/opcua-administration.ts';
import { settle } from '../requests.ts';
import { ADMINISTERING, forRoles, whoAsks } from './access.ts';
import { fail } from './replies.ts';

/** SHA-1 of a certificate. */
const THUMBPRINT = /^[0-9A-Fa-f]{40}$/;

/** The trust list of the OPC UA server and its own certificate, for administrators: as at the command line. */
export function opcuaRoutes(
  administration: () => Administration | undefined,
  opcua: () => OpcUaAdministration | undefined,
): Router {
  const router = Router();
  router.use(forRoles(ADMINISTERING));

  /** Asks the server on behalf of whoever asks, and answers under a name. */
  const asking =
    (name: string, requestFor: (request: Request) => OpcUaRequest | undefined) =>
    (request: Request, response: Response, next: NextFunction): void => {
      const people = administration();
      const bearer = whoAsks(response);
      const wanted = requestFor(request);
      if (!people || !bearer) fail(request, response, 'starting');
      else if (!wanted) {
        fail(request, response, 'malformed', { detail: 'a thumbprint has 40 hex digits.' });
      } else {
        const actor = { kind: 'administrator', id: bearer.principal.user } as const;
        const work = carryOutForOpcUa(wanted, opcua(), people, actor).then(
          (result) => void response.json({ [name]: result }),
          (error: unknown) => failFor(error, request, response),
        );
        void settle(work, next);
      }
    };

  router.get(
    '/clients',
    asking('clients', () => ({ do: 'list-opcua-clients' })),
  );
  router.get(
    '/certificate',
    asking('certificate', () => ({ do: 'show-opcua-certificate' })),
  );
  for (const [verb, command] of [
    ['trust', 'trust-opcua-client'],
    ['distrust', 'distrust-opcua-client'],
  ] as const) {
    router.post(
      `/clients/:thumbprint/${verb}`,
      asking('client', ({ params: { thumbprint = '' } }) =>
        THUMBPRINT.test(thumbprint) ? { do: command, thumbprint: thumbprint.toLowerCase() } : undefined,
      ),
    );
  }
  return router;
}

function failFor(error: unknown, request: Request, response: Response): void {
  const code = error instanceof AdministrationError ? error.code : undefined;
  if (code === 'client-unknown') {
    fail(request, response, code, { thumbprint: request.params['thumbprint'] ?? '' });
  } else if (code === 'opcua-down') fail(request, response, code);
  else throw error;
}
