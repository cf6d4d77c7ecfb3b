/** `sezam-key`: every use of a key at a cassette; takes keys that were held to a reader of the site. Never a ROM. */
import type { CassetteEventType, EventOf } from '../../domain/cassette/events.ts';
import type { KeyRole } from '../../domain/cassette/key.ts';
import type { Phase } from '../../domain/cassette/setting.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import { cassetteRefusalText } from '../../domain/texts/cassette-texts.ts';
import type { CassetteDone, CassetteNotice, Cassettes } from '../../gateway/api.ts';
import { hearCassettes } from '../cassette-hearing.ts';
import { namedCassette } from '../cassette-user.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { contextOf, type RefusedPayload, referenceIn, refusedPayload } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Station, type StationRefused, wireStation } from '../station.ts';
import { inWords, STATUS, type StatusText } from '../status.ts';

/** What became of a key: it was taken; it waits for the second factor of its holder; it was refused. */
export const KEY_OUTCOMES = ['used', 'awaits-second-factor', 'refused'] as const;
export type KeyOutcome = (typeof KEY_OUTCOMES)[number];

interface KeySettings extends NodeDefinition {
  /** Id of a `sezam-cassette` node. */
  readonly cassette: string;
  /** Outcomes that are told by the node itself, separated by commas; empty: every one. */
  readonly outcomes: string;
}

export const migrations = [withDefaults({ name: '', cassette: '', outcomes: '' })];

/** A touch of a key as a message carries it. Whether somebody was forced to it is not told: it may be seen at the cassette. */
export interface KeyPayload extends Partial<RefusedPayload> {
  readonly cassette: CassetteId;
  readonly outcome: KeyOutcome;
  /** Whether the key was taken. */
  readonly accepted: boolean;
  /** The registered id of the key; left out where it is not known. */
  readonly key?: string;
  readonly role?: KeyRole;
  /** The reader that it touched. */
  readonly reader: string;
  /** The phase before. */
  readonly from: Phase;
  /** The phase after; the same where the key changed nothing. */
  readonly to: Phase;
  /** The time that is left for the second factor. */
  readonly within?: Milliseconds;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Milliseconds;
}

/** What an event says of a key, or undefined where it is about something else. */
export function keyPayload({ type, data, view, cassette, at }: CassetteNotice): KeyPayload | undefined {
  const outcome = OUTCOME_OF[type];
  if (!outcome) return undefined;
  // Every field of the three events; which of them are there depends on the type.
  const { key, role, reader, from, to, within, refusal } = data as unknown as TouchData;
  return {
    cassette,
    outcome,
    accepted: outcome === 'used',
    ...(key !== undefined && { key }),
    ...(role !== undefined && { role }),
    reader,
    from: from ?? view.phase,
    to: to ?? view.phase,
    ...(within !== undefined && { within }),
    at,
    // The words of the event itself would tell of a key that calls for help.
    ...(refusal && refusedPayload({ ok: false, refusal, text: cassetteRefusalText(refusal) })),
  };
}

const OUTCOME_OF: Readonly<Partial<Record<CassetteEventType, KeyOutcome>>> = {
  'key-used': 'used',
  'second-factor-awaited': 'awaits-second-factor',
  'key-refused': 'refused',
};

type TouchData = Pick<EventOf<'key-refused'>['data'], 'key' | 'role' | 'reader'> &
  Partial<
    Pick<EventOf<'key-used'>['data'], 'from' | 'to'> &
      Pick<EventOf<'second-factor-awaited'>['data'], 'within'> &
      Pick<EventOf<'key-refused'>['data'], 'refusal'>
  >;

function statusOf({ outcome, role }: KeyPayload): StatusText {
  if (outcome === 'refused') return STATUS.refused;
  return outcome === 'used'
    ? { fill: 'green', shape: 'dot', key: 'key-used', values: { role: role ?? '' } }
    : { fill: 'green', shape: 'ring', key: 'key-awaits', values: { role: role ?? '' } };
}

interface Touch {
  readonly cassette: CassetteId;
  readonly presentation: string;
  /** Where the key was held, as the message says. */
  readonly reader: string | undefined;
}

type Touched = CassetteDone & { readonly told: KeyPayload | undefined };

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-key', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<KeySettings>(definition, migrations);
    const outcomes = parseChoice(settings.outcomes);
    const named = namedCassette(RED, this, settings.cassette);
    const tell = (payload: KeyPayload): void => {
      if (!isChosen(outcomes, payload.outcome)) return;
      this.status(inWords(RED, statusOf(payload)));
      const message = { topic: payload.cassette, payload };
      this.send(payload.outcome === 'refused' ? [null, message] : [message, null]);
    };

    // While a message waits for its answer, that message is the one to tell what became of its key.
    let touching: { readonly cassette: CassetteId; readonly heard: KeyPayload[] } | undefined;
    const touch = async (
      cassettes: Cassettes,
      { cassette, presentation, reader }: Touch,
    ): Promise<Touched | StationRefused> => {
      const heard: KeyPayload[] = [];
      touching = { cassette, heard };
      try {
        const answer = await cassettes.touch(cassette, presentation);
        const own = heard.findLast(
          (each) =>
            (each.outcome !== 'refused') === answer.ok && (reader === undefined || each.reader === reader),
        );
        if (own) heard.splice(heard.indexOf(own), 1);
        return answer.ok ? { ...answer, told: own } : { ...answer, about: { ...own, cassette } };
      } finally {
        touching = undefined;
        for (const other of heard) tell(other);
      }
    };
    // One after the other, so that each is told what its own key did.
    let last: Promise<unknown> = Promise.resolve();
    const station: Station<Touch, Touched> = {
      read: (payload) => ({
        cassette: named.of(payload),
        presentation: referenceIn(payload, 'presentation'),
        reader: contextOf(payload)['reader'],
      }),
      ask({ cassettes }, request) {
        const answer = last.then(() => touch(cassettes, request));
        last = answer.catch(() => {});
        return answer;
      },
      payload: ({ told }, { cassette }) => ({ cassette, ...told }),
      status: ({ told }) => (told ? statusOf(told) : STATUS.ready),
      refused: STATUS.refused,
    };
    wireStation(RED, this, settings.cassette, station);

    hearCassettes<CassetteNotice, undefined>(RED, this, named, {
      subscribe: (cassettes, hear) => cassettes.onNotice(hear),
      about: ({ cassette }) => cassette,
      remember: () => undefined,
      tell: (notice) => {
        const payload = keyPayload(notice);
        if (!payload) return;
        if (touching?.cassette === payload.cassette) touching.heard.push(payload);
        else tell(payload);
      },
    });
  });
}
