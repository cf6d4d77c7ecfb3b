/** `sezam-reader`: the presentations of one reader, by reference. The number on the card stays in the gateway. */
import type { Gateway, PresentationNotice } from '../../gateway/api.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain, NodeError } from '../errors.ts';
import { anewWithSite, followGateway, gatewayStatus, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { busStatus, inWords, type StatusText } from '../status.ts';

interface ReaderSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of the reader in the site file. */
  readonly reader: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', reader: '' })];

/** The message for a presentation: a reference that `sezam-identify` resolves, never what was read. */
export function presentationMessage({ presentation, reader, cabinet, kind, at }: PresentationNotice) {
  return { topic: reader, payload: { presentation, reader, cabinet, kind, at } };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-reader', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<ReaderSettings>(definition, migrations);
    const show = (status: StatusText): void => this.status(inWords(RED, status));
    const fail = (thrown: unknown): void => {
      const { error, status } = explain(thrown);
      show(status);
      this.error(error.message);
    };

    const takeOver = (gateway: Gateway): Unsubscribe => {
      if (settings.reader === '') {
        throw new NodeError(
          'setting-missing',
          `Node "${this.name || this.type}" names no reader: choose one, and deploy.`,
        );
      }
      const { readers } = gateway.site;
      const bus = readers.find(({ id }) => id === settings.reader)?.bus;
      if (bus === undefined) {
        const known = readers.map(({ id }) => id).join(', ');
        throw new NodeError(
          'reader-not-in-site',
          `The site has no reader "${settings.reader}"; it has ${known || 'none'}. Choose one, and deploy.`,
        );
      }
      const leavePresentations = gateway.onPresentation(settings.reader, (notice) => {
        this.send(presentationMessage(notice));
      });
      const health = gateway.health().buses.find(({ id }) => id === bus);
      if (health) show(busStatus(health.state));
      const leaveBus = gateway.onBus((changed) => {
        if (changed.id === bus) show(busStatus(changed.state));
      });
      return () => {
        leavePresentations();
        leaveBus();
      };
    };

    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      anewWithSite(takeOver, fail),
      (state) => show(state.kind === 'absent' ? explain(state.error).status : gatewayStatus(state)),
      fail,
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      done();
    });
  });
}
