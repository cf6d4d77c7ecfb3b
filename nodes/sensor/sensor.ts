/** `sezam-sensor`: what changes at the sensors and parts of a cassette; takes what a flow knows of its area. */
import type { CassetteId } from '../../domain/site.ts';
import type { CassetteDone, CassetteNotice } from '../../gateway/api.ts';
import { hearCassettes } from '../cassette-hearing.ts';
import { cassetteStatus } from '../cassette-status.ts';
import { namedCassette } from '../cassette-user.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { NodeError } from '../errors.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { fieldsIn } from '../request.ts';
import { type Station, wireStation } from '../station.ts';
import { inWords, STATUS, type StatusText } from '../status.ts';
import { type SensorPayload, sensorPayload } from './changes.ts';

interface SensorSettings extends NodeDefinition {
  /** Id of a `sezam-cassette` node. */
  readonly cassette: string;
  /** Sensors and parts, separated by commas; empty: every one. */
  readonly sources: string;
}

export const migrations = [withDefaults({ name: '', cassette: '', sources: '' })];

/** What whoever follows a cassette on its way says of it. */
interface AreaReport {
  readonly cassette: CassetteId;
  readonly inside: boolean;
}

/**
 * Whether the cassette is inside its area: the payload itself, or `inside` in it.
 * @throws NodeError `message-malformed`
 */
export function insideIn(payload: unknown): boolean {
  const inside = typeof payload === 'boolean' ? payload : fieldsIn(payload)['inside'];
  if (typeof inside === 'boolean') return inside;
  throw new NodeError(
    'message-malformed',
    'msg.payload, or msg.payload.inside, must be true where the cassette is inside its area, or false.',
  );
}

/** Red: it counts as an attack, or may; yellow: somebody should look; green: as it should be. */
export function changeStatus({ source, severity, ...what }: SensorPayload): StatusText {
  const stains =
    'liveness' in what && what.change === 'active' && ['live', 'low', 'high'].includes(what.liveness);
  const fill = stains || what.change === 'pre-alarm' ? 'red' : severity === undefined ? 'green' : 'yellow';
  return { fill, shape: 'dot', key: `source-${source}` };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-sensor', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<SensorSettings>(definition, migrations);
    const sources = parseChoice(settings.sources);
    const named = namedCassette(RED, this, settings.cassette);

    const reporter = `flow:${this.id}`;
    const area: Station<AreaReport, CassetteDone> = {
      read: (payload) => ({ cassette: named.of(payload), inside: insideIn(payload) }),
      async ask({ cassettes }, { cassette, inside }) {
        const answer = await cassettes.area(cassette, inside, reporter);
        return answer.ok ? answer : { ...answer, about: { cassette } };
      },
      // A change leaves by the first output like any other, whoever reported it; a position that stays needs no word.
      payload: () => undefined,
      status: ({ view }) => cassetteStatus([view]),
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.cassette, area);

    hearCassettes<CassetteNotice, undefined>(RED, this, named, {
      subscribe: (cassettes, hear) => cassettes.onNotice(hear),
      about: ({ cassette }) => cassette,
      remember: () => undefined,
      tell: (notice) => {
        const payload = sensorPayload(notice);
        if (!payload || !isChosen(sources, payload.source)) return;
        this.status(inWords(RED, changeStatus(payload)));
        this.send([{ topic: payload.cassette, payload }, null]);
      },
    });
  });
}
