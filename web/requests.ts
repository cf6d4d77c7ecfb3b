import type { NextFunction, RequestHandler } from 'express';

/** What is answered here belongs in no cache: it is about people, or about what is going on. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Hands what went wrong with an answer on to the end of the router. */
export async function settle(work: Promise<void>, next: NextFunction): Promise<void> {
  try {
    await work;
  } catch (error) {
    next(error);
  }
}
