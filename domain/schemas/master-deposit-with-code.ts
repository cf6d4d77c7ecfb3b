import { anyFree, asMaster, DEPOSIT, type Schema } from './schema.ts';

/**
 * B17: a master scans a barcode or QR code, or sets a PIN, then picks the compartment and leaves something. The code
 * reaches the undefined user outside of the system, and opens the compartment once.
 */
export const schema: Schema = {
  block: 'B17',
  assignment: 'none',
  deposits: { by: 'master', recipient: false, code: 'before', codes: ['pin', 'barcode', 'qr'] },
  choose: (cabinet, person) => asMaster(person) ?? anyFree(cabinet, person.among, DEPOSIT),
};
