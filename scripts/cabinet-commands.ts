/** Commands of `npm run admin` about compartments and whole cabinets. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { AllOpened, ModeChange } from '../gateway/api.ts';
import { readSecret } from './people-commands.ts';

export const CABINET_USAGE = `Compartments (each with --cabinet C --compartment N --reason "WORDS")
  open                                           hands over what lies inside: a deposit ends with the closing
  service-open                                   looks inside: nothing that belongs to anybody changes
  release                                        ends the rights and the deposit in it; nothing opens
  block | unblock | return-to-service
  assign | withdraw --user ID
  assign-code                                    a common PIN of those to whom it is assigned, from standard input
  stock [--item ID]                              an item lies in it to be borrowed
  empty                                          nothing lies in it

Cabinets (each with --cabinet C --reason "WORDS")
  open-all                                       every compartment, one after the other; nothing changes hands
  change-mode --schema S [--dry-run | --force]   refused while the cabinet holds something, unless --force;
                                                 --dry-run lists what would be lost`;

export const CABINET_OPTIONS = {
  cabinet: { type: 'string' },
  compartment: { type: 'string' },
  user: { type: 'string' },
  item: { type: 'string' },
  reason: { type: 'string' },
  schema: { type: 'string' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

type CabinetValues = {
  readonly [Name in keyof typeof CABINET_OPTIONS]?:
    | ((typeof CABINET_OPTIONS)[Name]['type'] extends 'boolean' ? boolean : string)
    | undefined;
};

/** The command for what was typed; undefined where there is none of that name. What is missing, the gateway says. */
export async function cabinetCommandFor(name: string, values: CabinetValues): Promise<object | undefined> {
  const { cabinet, user, item, reason, schema, force = false } = values;
  const dryRun = values['dry-run'] ?? false;
  const place = { do: name, cabinet, compartment: Number(values.compartment), reason };
  switch (name) {
    case 'open':
    case 'service-open':
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
    case 'empty':
      return place;
    case 'assign':
    case 'withdraw':
      return { ...place, user };
    case 'assign-code':
      return { ...place, pin: await readSecret('PIN: ') };
    case 'stock':
      return { ...place, ...(item !== undefined && { item }) };
    case 'open-all':
      return { do: name, cabinet, reason };
    case 'change-mode':
      // A look needs no reason.
      return { do: name, cabinet, schema, dryRun, force, reason: reason ?? (dryRun ? 'dry run' : undefined) };
    default:
      return undefined;
  }
}

/** What a change of mode loses, as lines for a person. */
export function modeChangeLines({ cabinet, from, to, lost, done }: ModeChange): string[] {
  const [was, would] = done ? ['works', 'was'] : ['would work', 'would be'];
  return [
    `Cabinet ${cabinet} ${was} under schema ${to} instead of ${from}.`,
    lost.length === 0 ? `Nothing ${would} lost.` : `${lost.length} ${would} lost:`,
    ...lost.map(({ lost: what, ...rest }) => {
      const said = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
      return `  ${[what, ...said].join('  ')}`;
    }),
  ];
}

/** How an opening of all compartments went, as lines for a person. */
export function allOpenedLines({ cabinet, opened, failed }: AllOpened): string[] {
  return [
    `Cabinet ${cabinet}: ${opened.length} opened, ${failed.length} not.`,
    ...failed.map(({ compartment, refusal }) => `  compartment ${compartment}: ${refusal.code}`),
  ];
}
