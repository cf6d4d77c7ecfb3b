/**
 * How the bit *Overflow* is set on a value whose queue has run over (OPC 10000-4, 5.13.1.5 and 7.39.1). The library does so for
 * good values only and throws at any other: a slow client and a bus that is lost would together end the server.
 */
import { type DataValue, MonitoredItem, StatusCode } from 'node-opcua';

interface Overflowing {
  readonly $subscription?: { readonly subscriptionDiagnostics?: { monitoringQueueOverflowCount: number } };
}

/** A value, or an event, in a queue. */
interface Notification {
  value?: DataValue;
}

function setOverflowBit(this: Overflowing, notification: Notification): void {
  if (notification.value) {
    const { statusCode } = notification.value;
    notification.value.statusCode = StatusCode.makeStatusCode(statusCode, 'Overflow | InfoTypeDataValue');
  }
  const diagnostics = this.$subscription?.subscriptionDiagnostics;
  if (diagnostics) diagnostics.monitoringQueueOverflowCount += 1;
}

/**
 * Mends it for all items of this thread.
 * @throws where the library no longer has what this replaces
 */
export function mendOverflow(): void {
  const items = MonitoredItem.prototype as unknown as { _setOverflowBit?: typeof setOverflowBit };
  if (!items._setOverflowBit) throw new Error('This version of node-opcua marks overflows in another way.');
  items._setOverflowBit = setOverflowBit;
}
