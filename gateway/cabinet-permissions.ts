/** Who may ask for what of a cabinet. */
import type { OperatorRight } from '../config/site.ts';
import type { Role } from '../domain/identification.ts';
import type { CabinetOperation, CabinetRoles } from './api.ts';

const ADMINISTRATORS: readonly Role[] = ['administrator'];

/**
 * What opens a door, ends a right or changes what a compartment is good for is the administrators' (System S.2.2). Operators
 * look on, but for what the site lets them do.
 *
 * @param operatorsMay what the site lets operators do
 */
export function cabinetRoles(operatorsMay: readonly OperatorRight[] = []): CabinetRoles {
  const given: ReadonlySet<CabinetOperation> = new Set(operatorsMay);
  const rolesFor = (operation: CabinetOperation): readonly Role[] =>
    given.has(operation) ? [...ADMINISTRATORS, 'operator'] : ADMINISTRATORS;
  return {
    open: rolesFor('open'),
    'service-open': rolesFor('service-open'),
    'open-all': rolesFor('open-all'),
    release: rolesFor('release'),
    block: rolesFor('block'),
    unblock: rolesFor('unblock'),
    'return-to-service': rolesFor('return-to-service'),
    empty: rolesFor('empty'),
    stock: ADMINISTRATORS,
    assign: ADMINISTRATORS,
    withdraw: ADMINISTRATORS,
    'assign-code': ADMINISTRATORS,
    'change-mode': ADMINISTRATORS,
  };
}
