/** `sezam-cassette-state`: what a cassette is in, when it changes, at the start, and when asked. */
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { Phase } from '../../domain/cassette/setting.ts';
import type { CassetteView, SubState } from '../../domain/cassette/view.ts';
import type { CassetteId } from '../../domain/site.ts';
import { hearCassettes } from '../cassette-hearing.ts';
import { cassetteStatus } from '../cassette-status.ts';
import { namedCassette } from '../cassette-user.ts';
import { migrate, withDefaults } from '../config-version.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Station, type StationRefused, wireStation } from '../station.ts';
import { inWords, STATUS } from '../status.ts';

/** Which changes are told: of the phase; of the phase or of what goes on in it; of anything that is shown. */
export const REPORTS = ['phase', 'sub-state', 'any'] as const;
export type Report = (typeof REPORTS)[number];

interface CassetteStateSettings extends NodeDefinition {
  /** Id of a `sezam-cassette` node. */
  readonly cassette: string;
  readonly report: Report;
  /** Whether the state is told at the start of the flows as well. */
  readonly atStart: boolean;
}

export const migrations = [withDefaults({ name: '', cassette: '', report: 'phase', atStart: true })];

/** Why a message was sent: what changed, or `none` where nothing did: at the start, or because it was asked for. */
export type StateChange = Report | 'none';

/** A cassette as a message carries it. */
export interface StatePayload extends Omit<CassetteView, 'id'> {
  readonly cassette: CassetteId;
  readonly change: StateChange;
  /** Where phase or sub-state changed: what they were. */
  readonly from?: { readonly phase: Phase; readonly subState: SubState };
}

/** A copy of a view, so that nothing a flow does to its message reaches the gateway. */
export function statePayload(view: CassetteView, before?: CassetteView): StatePayload {
  const { id, ...shown } = structuredClone(view);
  const change = before ? changeOf(before, view) : 'none';
  const moved = before && (change === 'phase' || change === 'sub-state');
  return {
    cassette: id,
    change,
    ...(moved && { from: { phase: before.phase, subState: before.subState } }),
    ...shown,
  };
}

function changeOf(before: CassetteView, view: CassetteView): Report {
  if (before.phase !== view.phase) return 'phase';
  return before.subState === view.subState ? 'any' : 'sub-state';
}

/** Whether a change is told under a setting. */
export function isTold(report: Report, change: Report): boolean {
  return REPORTS.indexOf(change) <= REPORTS.indexOf(report);
}

type Shown = { readonly ok: true; readonly view: CassetteView };

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-cassette-state', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const { report, atStart, cassette } = migrate<CassetteStateSettings>(definition, migrations);
    const named = namedCassette(RED, this, cassette);
    let shown = '';
    const show = (views: Iterable<CassetteView>): void => {
      const status = cassetteStatus(views);
      // Measured values change often; the editor need not hear of the same status each time.
      if (JSON.stringify(status) === shown) return;
      shown = JSON.stringify(status);
      this.status(inWords(RED, status));
    };
    const tell = (payload: StatePayload): void => this.send([{ topic: payload.cassette, payload }, null]);

    const station: Station<CassetteId, Shown> = {
      read: (payload) => named.of(payload),
      ask({ cassettes, site }, id): Shown | StationRefused {
        shown = '';
        const view = cassettes.view(id);
        if (view) return { ok: true, view };
        // After a first start a cassette works only once the store has said that it knows nothing of it.
        const placed = site.cassettes.some((each) => each.id === id);
        const refusal = placed
          ? cassetteRefusal('cassettes-not-running')
          : cassetteRefusal('cassette-unknown', { cassette: id });
        return { ok: false, refusal, text: cassettes.textOf(refusal), about: { cassette: id } };
      },
      payload: ({ view }) => ({ ...statePayload(view) }),
      status: ({ view }) => cassetteStatus([view]),
      refused: STATUS.refused,
    };
    wireStation(RED, this, cassette, station);

    hearCassettes<CassetteView, Map<CassetteId, CassetteView>>(RED, this, named, {
      subscribe: (cassettes, hear) => cassettes.onView(hear),
      about: ({ id }) => id,
      remember: (views) => new Map(views.map((view) => [view.id, view])),
      tell: (view, known) => {
        const before = known.get(view.id);
        known.set(view.id, view);
        show(known.values());
        // A cassette that has only now begun to work is at its start.
        if (before ? isTold(report, changeOf(before, view)) : atStart) tell(statePayload(view, before));
      },
      begin: (views, known) => {
        known.clear();
        for (const view of views) known.set(view.id, view);
        shown = '';
        show(views);
        if (atStart) for (const view of views) tell(statePayload(view));
      },
    });
  });
}
