import { Router } from 'express';
import type { Gateway } from '../gateway/api.ts';

/**
 * `GET /health/live`: the process works. `GET /health/ready`: people can be served; 503 where they cannot, or not
 * yet. The body tells the state of store, journal, OPC UA and buses, and nothing about people or secrets.
 *
 * @param running the gateway, once it runs
 */
export function healthPages(running: () => Gateway | undefined): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/live', (_request, response) => {
    response.json({ live: true, uptimeSeconds: Math.round(process.uptime()) });
  });
  router.get('/ready', (_request, response) => {
    const gateway = running();
    if (!gateway) {
      response.status(503).json({ ready: false, condition: 'down', detail: 'starting' });
      return;
    }
    const health = gateway.health();
    const ready = health.condition !== 'down';
    const buses = health.buses.map(({ since, ...bus }) => ({ ...bus, since: new Date(since).toISOString() }));
    response.status(ready ? 200 : 503).json({ ready, ...health, buses });
  });
  return router;
}
