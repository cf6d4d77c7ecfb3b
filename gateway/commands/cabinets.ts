import { COMPARTMENT } from '../answer-shapes.ts';
import type { Gateway, OperatorRequest, Refused, Requester } from '../api.ts';
import { shape, TEXT } from './shapes.ts';

/** What the command line asks of cabinets and their compartments. */
export type CabinetCommand =
  | OperatorRequest
  /** Opens every compartment, one after the other. */
  | { readonly do: 'open-all'; readonly cabinet: string; readonly reason: string }
  | {
      readonly do: 'change-mode';
      readonly cabinet: string;
      readonly schema: string;
      readonly dryRun: boolean;
      readonly force: boolean;
      readonly reason: string;
    };

const PLACE = { cabinet: TEXT, compartment: COMPARTMENT, reason: TEXT } as const;

/** JSON schemas of the commands. */
export const CABINET_SHAPES: readonly object[] = [
  shape(['open', 'service-open', 'release', 'block', 'unblock', 'return-to-service', 'empty'], PLACE),
  shape(['stock'], { ...PLACE, item: TEXT }, ['item']),
  shape(['assign', 'withdraw'], { ...PLACE, user: TEXT }),
  shape(['assign-code'], { ...PLACE, pin: { type: 'string', maxLength: 16 } }),
  shape(['open-all'], { cabinet: TEXT, reason: TEXT }),
  shape(['change-mode'], {
    cabinet: TEXT,
    schema: TEXT,
    dryRun: { type: 'boolean' },
    force: { type: 'boolean' },
    reason: TEXT,
  }),
];

/** Carries out what was asked of a cabinet. Opening resolves when the door is open. */
export function carryOutForCabinets(
  command: CabinetCommand,
  gateway: Pick<Gateway, 'operate' | 'openAll' | 'changeMode'>,
  requester: Requester,
): Promise<{ readonly ok: true } | Refused> {
  if (command.do === 'open-all') return gateway.openAll(command.cabinet, command.reason, requester);
  if (command.do !== 'change-mode') return gateway.operate(command, requester);
  const { do: _, ...change } = command;
  return gateway.changeMode(change, requester);
}
