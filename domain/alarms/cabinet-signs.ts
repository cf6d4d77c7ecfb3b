/** What the events of a cabinet say about alarms. */
import type { CabinetEvent, CabinetEvents } from '../cabinet/events.ts';
import type { CabinetId, CompartmentNumber } from '../site.ts';
import type { AlarmSource } from './alarm.ts';
import type { AlarmKind } from './kinds.ts';
import type { AlarmSign } from './sign.ts';

/** The signs in an event, in the order in which they count. */
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
    case 'door-opened':
    case 'doors-found':
    case 'grant-lapsed':
    case 'item-placed':
    case 'item-removed':
    case 'mode-changed':
    case 'session-ended':
    case 'session-moved':
    case 'session-started':
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
