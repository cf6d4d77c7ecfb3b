/**
 * One message a publishing cycle. What changes while a message is on its way belongs to the next cycle (OPC 10000-4,
 * 5.14.1.1); the library sends it with the next request at hand, and looks for it among all items of the subscription. Where
 * something changes all the time that is a message for nearly every change: with 10,000 items it costs more than the
 * changes themselves. What did not fit into a message still follows it at once.
 */
import type { OPCUAServer, ServerSession, Subscription } from 'node-opcua';

/** The library's own way to send what is left, which it does not tell of in its types. */
export interface Flushing {
  readonly hasPendingNotifications: boolean;
  _flushRemainingNotifications(): void;
}

/** Applies to all subscriptions of a server. */
export function publishInCycles(server: OPCUAServer): void {
  server.on('create_session', (session: ServerSession) => {
    session.on('new_subscription', (subscription: Subscription) => {
      const flushing = subscription as unknown as Flushing;
      const flush = flushing._flushRemainingNotifications.bind(subscription);
      flushing._flushRemainingNotifications = () => {
        if (flushing.hasPendingNotifications) flush();
      };
    });
  });
}
