import { Ajv } from 'ajv';
import { type ErrorRequestHandler, json, type NextFunction, type Response, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { type Administration, AdministrationError } from '../gateway/administration.ts';

/** Tries to change a password, per address and quarter of an hour. */
const TRIES = 10;
const WINDOW = 15 * 60_000;

interface PasswordChange {
  readonly login: string;
  readonly current: string;
  readonly next: string;
}

const validate = new Ajv().compile<PasswordChange>({
  type: 'object',
  additionalProperties: false,
  required: ['login', 'current', 'next'],
  properties: {
    login: { type: 'string', minLength: 1, maxLength: 64 },
    current: { type: 'string', minLength: 1, maxLength: 256 },
    next: { type: 'string', minLength: 1, maxLength: 256 },
  },
});

/**
 * `POST /account/password` with `{login, current, next}`: replaces a password, a one-time one included. Answers 204,
 * or `{code, message}` with 400 for what is malformed, 403 for what does not fit, 429 for too many tries.
 * Takes JSON only, which no foreign page can send from a browser without being asked first.
 */
export function accountApi(administration: () => Administration | undefined): Router {
  const router = Router();
  router.use(
    rateLimit({
      windowMs: WINDOW,
      limit: TRIES,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      skipSuccessfulRequests: true,
      message: { code: 'too-many-attempts', message: 'Too many tries. Wait a quarter of an hour.' },
    }),
  );
  router.post('/password', json({ limit: '4kb' }), (request, response, next) => {
    const change: unknown = request.body;
    const people = administration();
    if (!people) {
      response.status(503).json({ code: 'starting', message: 'Sezam is starting. Try again in a moment.' });
      return;
    }
    if (!request.is('json') || !validate(change)) {
      response.status(400).json({ code: 'malformed', message: 'Give login, current and next as JSON.' });
      return;
    }
    void changePassword(people, change, response, next);
  });
  router.use(unreadable);
  return router;
}

async function changePassword(
  people: Administration,
  { login, current, next }: PasswordChange,
  response: Response,
  fail: NextFunction,
): Promise<void> {
  try {
    await people.changePassword(login, current, next);
    response.status(204).end();
  } catch (error) {
    if (error instanceof AdministrationError) {
      const status = error.code === 'password-wrong' ? 403 : 400;
      response.status(status).json({ code: error.code, message: error.message });
    } else fail(error);
  }
}

/** A body that cannot be read is the sender's fault; anything else is for the server's own handler. */
const unreadable: ErrorRequestHandler = (error: { readonly status?: unknown }, _request, response, next) => {
  const { status } = error;
  if (typeof status !== 'number' || status < 400 || status >= 500) {
    next(error);
    return;
  }
  response.status(status).json({ code: 'malformed', message: 'Give login, current and next as JSON.' });
};
