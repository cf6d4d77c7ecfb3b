// oxlint-disable-next-line no-restricted-imports -- a type alone: what a site file calls a transport
import type { TransportSetting } from '../../config/site.ts';
import type { LineSetting } from '../driver.ts';
import { FlowTransport } from './flow.ts';
import { SerialTransport } from './serial.ts';
import { TcpTransport } from './tcp.ts';
import type { Transport } from './transport.ts';

/**
 * The transport that a site file asks for, not opened yet. A serial port takes the line of its driver, and
 * the baud rate of the site file where that names one. For `{type: 'flow'}` it is a `FlowTransport`, whose
 * other side is the port to hand to the flow.
 */
export function createTransport(setting: TransportSetting, line: LineSetting): Transport {
  switch (setting.type) {
    case 'serial':
      return new SerialTransport(setting.path, { ...line, baudRate: setting.baudRate ?? line.baudRate });
    case 'tcp':
      return new TcpTransport(setting.host, setting.port);
    case 'flow':
      return new FlowTransport();
  }
}
