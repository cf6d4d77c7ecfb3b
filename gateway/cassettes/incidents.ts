/** Puts together, seals and keeps the record of a staining. */
import type { EventOf } from '../../domain/cassette/events.ts';
import {
  beginTrail,
  type CassetteLoggedEvent,
  followTrail,
  type IncidentScene,
  type IncidentTrail,
  incidentOf,
} from '../../domain/cassette/incident.ts';
import type { RecordedState } from '../../domain/cassette/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { keepIncident } from './incident-files.ts';
import { IncidentError, incidentKey, seal, sealedText, verifySealed } from './incident-seal.ts';

/** What a record is made from. */
export interface IncidentSource extends IncidentScene {
  readonly dataFolder: string;
  /** Sequence number of the event `stained` in the stream of the cassette. */
  readonly stainedSeq: number;
  /** The events of that stream in order, as the store reads them; what comes after `stainedSeq` is not asked for. */
  readonly events: AsyncIterable<LoggedEvent> | Iterable<LoggedEvent>;
  /** The recorded state before the first of them, where they do not begin with the stream. */
  readonly recorded?: RecordedState;
}

/**
 * Seals the record of one staining and keeps it in `<data>/incidents/<id>.json`. To be called as often as it takes: what
 * is kept already stays as it is, and the answer is the same.
 *
 * @returns what goes into the event `incident-sealed`
 * @throws IncidentError where the events do not hold the staining, or the disk does not take the record
 */
export async function sealIncident(source: IncidentSource): Promise<EventOf<'incident-sealed'>['data']> {
  const trail = await trailUpTo(source);
  const { site, cassette, software } = source;
  const incident = incidentOf(trail, { site, cassette, software });
  const sealed = seal(incident, await incidentKey(source.dataFolder));
  const kept = await keepIncident(source.dataFolder, incident.id, sealedText(sealed));
  const { intact, flaws } = verifySealed(kept);
  if (!intact || kept.incident.chain.hash !== incident.chain.hash) {
    throw new IncidentError(
      'incident-damaged',
      `The record ${incident.id} is kept already, but not as it was sealed: ${flaws.join(' ') || 'it is another one.'} Set its file aside and look into who changed it.`,
    );
  }
  const { id, chain } = kept.incident;
  return { incident: id, digest: kept.digest, fromSeq: chain.fromSeq, toSeq: chain.toSeq };
}

async function trailUpTo({ events, stainedSeq, recorded, cassette }: IncidentSource): Promise<IncidentTrail> {
  let trail = beginTrail(recorded);
  for await (const event of events) {
    trail = followTrail(trail, event as CassetteLoggedEvent);
    if (event.seq >= stainedSeq) break;
  }
  const last = trail.events.at(-1);
  if (last?.seq === stainedSeq && last.type === 'stained' && trail.recorded.setting) return trail;
  throw new IncidentError(
    'incident-incomplete',
    `The log of cassette ${cassette.id} does not hold its staining at number ${stainedSeq} together with its configuration.`,
  );
}
