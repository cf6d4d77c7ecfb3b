/** What the events of a cabinet say about alarms, and its state. */
import type { CabinetEvent, CabinetEvents, CabinetEventType } from '../cabinet/events.ts';
import { type CabinetState, compartmentOf } from '../cabinet/state.ts';
import type { CabinetId, CompartmentNumber } from '../site.ts';
import type { Alarm, AlarmSource } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';
import type { AlarmSign } from './sign.ts';

/**
 * The signs in an event, in the order in which they count; each is of another alarm. What ends without an event of its
 * own, such as what a change of mode gives up, `cabinetShows` tells.
 */
export function cabinetSigns(cabinet: CabinetId, event: CabinetEvent): readonly AlarmSign[] {
  const at = (compartment: CompartmentNumber): AlarmSource => ({
    source: 'compartment',
    cabinet,
    compartment,
  });
  const whole: AlarmSource = { source: 'cabinet', cabinet };
  const raised = (kind: AlarmKind, source: AlarmSource): AlarmSign => ({ sign: 'raised', kind, source });
  const over = (kind: AlarmKind, source: AlarmSource): AlarmSign => ({ sign: 'over', kind, source });
  switch (event.type) {
    case 'door-forced':
      return [raised('door-forced', at(event.data.compartment))];
    case 'door-left-open':
      return [raised('door-left-open', at(event.data.compartment))];
    case 'door-opened':
      // With a pulse: whatever the sensor said before, it is a door that was opened by right.
      return [
        over('door-forced', at(event.data.compartment)),
        over('door-left-open', at(event.data.compartment)),
      ];
    case 'door-closed': {
      const { compartment, outcome } = event.data;
      const emptied = outcome === 'collected' || outcome === 'returned' || outcome === 'ended';
      return [
        over('door-forced', at(compartment)),
        over('door-left-open', at(compartment)),
        ...(emptied ? [over('overdue', at(compartment))] : []),
      ];
    }
    case 'unlock-failed':
      return event.data.outOfOrder ? [raised('lock-fault', at(event.data.compartment))] : [];
    case 'compartment-returned-to-service':
      return [over('lock-fault', at(event.data.compartment))];
    case 'board-lost':
    case 'board-found': {
      const { board } = event.data;
      const sign = event.type === 'board-lost' ? 'raised' : 'over';
      return [{ sign, kind: 'board-lost', source: whole, part: board, values: { board } }];
    }
    case 'compartment-emptied':
    case 'compartment-released':
      return [over('overdue', at(event.data.compartment))];
    case 'overdue':
      return [raised('overdue', at(event.data.compartment))];
    case 'fault-reported':
      return [raised('fault-reported', at(event.data.compartment))];
    case 'use-settled':
      return settledSigns(event.data, at(event.data.compartment));
    case 'access-refused': {
      const { duress, reason, reader, panel, compartment } = event.data;
      const source = compartment === undefined ? whole : at(compartment);
      if (duress) return [raised('duress', source)];
      if (reason !== 'too-many-attempts') return [];
      const place = reader ?? panel;
      return [
        {
          ...raised('too-many-attempts', source),
          ...(place !== undefined && { part: place, values: { place } }),
        },
      ];
    }
    case 'session-started':
      return event.data.duress ? [raised('duress', whole)] : [];
    case 'compartment-granted':
      return event.data.duress ? [raised('duress', at(event.data.compartment))] : [];
    case 'cabinet-configured':
    case 'code-assigned':
    case 'compartment-assigned':
    case 'compartment-blocked':
    case 'compartment-stocked':
    case 'compartment-unblocked':
    case 'deposit-abandoned':
    case 'deposit-mail':
    case 'deposit-stored':
    case 'doors-found':
    case 'grant-lapsed':
    case 'item-placed':
    case 'item-removed':
    case 'mode-changed':
    case 'session-ended':
    case 'session-moved':
      return [];
  }
}

function settledSigns(
  { outcome, item }: CabinetEvents['use-settled'],
  source: AlarmSource,
): readonly AlarmSign[] {
  if (outcome === 'returned') return [{ sign: 'over', kind: 'overdue', source }];
  if (outcome !== 'wrong-item' && outcome !== 'item-missing') return [];
  return [{ sign: 'raised', kind: outcome, source, ...(item !== undefined && { values: { item } }) }];
}

/** What stands in a cabinet now: the signs of alarms that its state shows. */
export function cabinetStanding(state: CabinetState): readonly AlarmSign[] {
  const cabinet = state.setting.id;
  const whole: AlarmSource = { source: 'cabinet', cabinet };
  const boards = [...state.lostBoards].map(
    (board): AlarmSign => ({
      sign: 'raised',
      kind: 'board-lost',
      source: whole,
      part: board,
      values: { board },
    }),
  );
  const overdue = overdueIn(state);
  const compartments = state.compartments.flatMap(({ number, door, outOfOrder }): readonly AlarmSign[] => {
    const source: AlarmSource = { source: 'compartment', cabinet, compartment: number };
    const kinds: readonly (AlarmKind | false)[] = [
      door === 'forced' && 'door-forced',
      door === 'left-open' && 'door-left-open',
      outOfOrder !== undefined && 'lock-fault',
      overdue.has(number) && 'overdue',
    ];
    return kinds.flatMap((kind) => (kind ? [{ sign: 'raised', kind, source }] : []));
  });
  return [...boards, ...compartments];
}

/** What may end an alarm elsewhere in the cabinet, e.g. an item that was lent from one compartment and comes back into another. */
const ENDS_ELSEWHERE: ReadonlySet<CabinetEventType> = new Set([
  'cabinet-configured',
  'mode-changed',
  'board-found',
  'doors-found',
  'door-closed',
  'use-settled',
  'item-placed',
]);

/** Whether alarms of a cabinet may be over by an event that has no sign of it, so that its state is to be asked. */
export function mayEndElsewhere({ type }: CabinetEvent): boolean {
  return ENDS_ELSEWHERE.has(type);
}

/** Whether the state of a cabinet still shows an alarm of it; undefined where the kind is not one that it would show. */
export function cabinetShows(state: CabinetState, { kind, source, part }: Alarm): boolean | undefined {
  if (source.source === 'cabinet') {
    return kind === 'board-lost' && part !== undefined ? state.lostBoards.has(part) : undefined;
  }
  if (source.source !== 'compartment') return undefined;
  const compartment = compartmentOf(state, source.compartment);
  if (kind === 'door-forced') return compartment?.door === 'forced';
  if (kind === 'door-left-open') return compartment?.door === 'left-open';
  if (kind === 'lock-fault') return compartment?.outOfOrder !== undefined;
  return kind === 'overdue' ? overdueIn(state).has(source.compartment) : undefined;
}

function overdueIn({ compartments, loans }: CabinetState): ReadonlySet<CompartmentNumber> {
  return new Set([
    ...compartments.filter(({ deposit }) => deposit?.overdue).map(({ number }) => number),
    ...loans.filter((loan) => loan.overdue).map(({ compartment }) => compartment),
  ]);
}
