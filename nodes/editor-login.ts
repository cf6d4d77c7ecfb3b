/**
 * The login to Node-RED's editor and its admin API, against the gateway's own users.
 *
 * Node-RED counts failed logins by user name and locks that name for ten minutes, so a stranger can lock out the
 * administrator (@node-red/editor-api/lib/auth/strategies.js). Here a wrong password never gets that far: the guard
 * in front of `POST /auth/token` checks it first, counts by address, and answers as Node-RED would.
 */
import express, { type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { Gateway, Principal } from '../gateway/api.ts';

/** A user as Node-RED knows it. `*`: may do everything; `read`: may look. */
export interface EditorUser {
  readonly username: string;
  readonly permissions: '*' | 'read';
}

export interface EditorLogin {
  /** Somebody with a token, as they are at the moment. Resolves to null where they have no business here any more. */
  readonly users: (username: string) => Promise<EditorUser | null>;
  /** Checks a login. Resolves to null where it does not fit or the person has no business in the editor. */
  readonly authenticate: (username: string, password: string) => Promise<EditorUser | null>;
  /** For `httpAdminMiddleware`: lets only right passwords through to Node-RED. */
  readonly guard: RequestHandler;
}

export interface EditorLoginOptions {
  readonly gateway: () => Gateway | undefined;
  /** Wrong logins that one address may try within the window. */
  readonly attempts: number;
  /** Milliseconds. */
  readonly window: number;
  /** Tells the audit log of a wrong login. Gets the address only: people type passwords into the wrong field. */
  readonly refused: (address: string | undefined) => void;
}

/** Where Node-RED trades a password for a token, below its root. */
const TOKEN_PATH = '/auth/token';
/** A form with a name and a password is small. */
const FORM_LIMIT = '4kb';

interface Objection {
  readonly status: number;
  readonly answer: { readonly error: string; readonly error_description: string };
}

/** As Node-RED answers a wrong login (oauth2orize, `invalid_grant`). */
const WRONG: Objection = {
  status: 403,
  answer: { error: 'invalid_grant', error_description: 'Invalid resource owner credentials' },
};
const STARTING: Objection = {
  status: 503,
  answer: {
    error: 'temporarily_unavailable',
    error_description: 'The gateway is starting. Try again in a moment.',
  },
};

/** What a person may do in the editor: administrators everything, operators look, nobody else anything. */
export function editorUser({ login, roles }: Principal): EditorUser | null {
  if (roles.includes('administrator')) return { username: login, permissions: '*' };
  if (roles.includes('operator')) return { username: login, permissions: 'read' };
  return null;
}

export function editorLogin({ gateway, attempts, window, refused }: EditorLoginOptions): EditorLogin {
  const authenticate = async (username: string, password: string): Promise<EditorUser | null> => {
    const principal = await gateway()?.authenticate(username, password);
    return principal ? editorUser(principal) : null;
  };

  /** What is wrong with a login, or undefined where it may pass. */
  const objection = async (body: unknown): Promise<Objection | undefined> => {
    if (!gateway()) return STARTING;
    const { username, password } = (body ?? {}) as Record<string, unknown>;
    if (typeof username !== 'string' || typeof password !== 'string') return WRONG;
    return (await authenticate(username, password)) ? undefined : WRONG;
  };

  const check: RequestHandler = (request, response, next) => {
    void (async () => {
      let found: Objection | undefined;
      try {
        found = await objection(request.body);
      } catch (error) {
        next(error);
        return;
      }
      if (!found) {
        next();
        return;
      }
      if (found === WRONG) refused(request.ip);
      response.status(found.status).json(found.answer);
    })();
  };

  const limit = rateLimit({
    windowMs: window,
    limit: attempts,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: {
      error: 'slow_down',
      error_description: 'Too many wrong logins from this address. Try again later.',
    },
  });

  // A router matches paths as Node-RED's own does: no spelling of the path passes by the guard.
  const guard = express.Router();
  const forms = [
    express.json({ limit: FORM_LIMIT }),
    express.urlencoded({ limit: FORM_LIMIT, extended: false }),
  ];
  guard.post(TOKEN_PATH, limit, ...forms, check);

  /** Asked for every request: whoever was blocked or lost a role meanwhile is out at once. */
  const users = async (username: string): Promise<EditorUser | null> => {
    const principal = gateway()?.principalOf(username);
    return principal ? editorUser(principal) : null;
  };

  return { users, authenticate, guard };
}
