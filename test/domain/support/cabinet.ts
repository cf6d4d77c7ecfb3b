import { loadSchemas } from '../../../config/modes.ts';
import { decide } from '../../../domain/cabinet/decide.ts';
import type { CabinetEvent, LockFailure } from '../../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../../domain/cabinet/evolve.ts';
import type {
  AdministrativeInput,
  CabinetInput,
  Decision,
  Identification,
} from '../../../domain/cabinet/inputs.ts';
import { type CabinetState, type CompartmentState, compartmentOf } from '../../../domain/cabinet/state.ts';
import type { Schema } from '../../../domain/schemas/schema.ts';
import { CABINET_DEFAULTS, type CabinetSetting } from '../../../domain/site.ts';

/** The schemas by their numbers, as `config/modes.json` has them. */
export const SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(await loadSchemas());

export const ADMINISTRATOR = { kind: 'administrator', id: 'user-admin' } as const;

/** A cabinet of four compartments, 1 and 2 on board `left`, 3 and 4 on board `right`; 3 and 4 are the group of `night`. */
export function setting(schema: string, change: Partial<CabinetSetting> = {}): CabinetSetting {
  return {
    id: 'A',
    kind: 'multi',
    schema,
    compartments: [
      { number: 1, board: 'left' },
      { number: 2, board: 'left' },
      { number: 3, board: 'right' },
      { number: 4, board: 'right' },
    ],
    groups: [{ id: 'late', compartments: [3, 4], userGroups: ['night'] }],
    userGroups: [],
    doors: { opensWithin: 3_000, attempts: 3, leftOpenAfter: 60_000, grantValidFor: 10_000 },
    ...CABINET_DEFAULTS,
    ...change,
  };
}

/** The schema of a number of the table. */
export function schemaOf(number: string): Schema {
  const schema = SCHEMAS[number];
  if (!schema) throw new Error(`no schema ${number}`);
  return schema;
}

/** A person at the reader `r1`. */
export function person(user: string, ...groups: string[]): Identification {
  return { user, groups, roles: ['defined'], rights: [], credential: `card-of-${user}`, reader: 'r1' };
}

/** What an administrator asks for, without what is the same each time. */
type Requested<Input> = Input extends AdministrativeInput ? Omit<Input, 'actor' | 'reason' | 'grant'> : never;

/** A cabinet whose log and state follow the inputs that it is given, one second apart. */
export class CabinetUnderTest {
  readonly log: { readonly event: CabinetEvent; readonly at: number }[] = [];
  state: CabinetState = UNCONFIGURED;
  now = Date.UTC(2026, 0, 1);
  #grants = 0;

  constructor(configured: CabinetSetting = setting('2.2')) {
    this.put({ input: 'configure', setting: configured });
  }

  /** With all doors known to be closed. */
  static ready(configured?: CabinetSetting): CabinetUnderTest {
    const cabinet = new CabinetUnderTest(configured);
    for (const board of new Set(cabinet.state.setting.compartments.map((compartment) => compartment.board))) {
      const closed = cabinet.state.setting.compartments.filter((each) => each.board === board);
      cabinet.put({ input: 'doors-found', board, open: [], closed: closed.map((each) => each.number) });
    }
    return cabinet;
  }

  /** The schema that the cabinet works under now. */
  get schema(): Schema {
    return schemaOf(this.state.setting.schema);
  }

  put(input: CabinetInput): Decision {
    this.now += 1_000;
    const schema = input.input === 'configure' ? schemaOf(input.setting.schema) : this.schema;
    const decision = decide(this.state, input, { at: this.now, schema });
    if (decision.event) {
      this.log.push({ event: decision.event, at: this.now });
      this.state = evolve(this.state, decision.event, this.now);
    }
    return decision;
  }

  /** A person asks; tells the compartment, or the code of the refusal. */
  ask(user: string, ...groups: string[]): number | string {
    this.#grants += 1;
    const decision = this.put({
      input: 'access',
      person: person(user, ...groups),
      grant: `grant-${this.#grants}`,
    });
    return answerOf(decision);
  }

  /** The door opens after the pulse of the opening under way. */
  opens(compartment: number): Decision {
    return this.put({ input: 'door', compartment, open: true, expected: true, afterAbsence: false });
  }

  closes(compartment: number): Decision {
    return this.put({ input: 'door', compartment, open: false, expected: false, afterAbsence: false });
  }

  /** Every pulse of the opening under way failed. */
  fails(compartment: number, cause: LockFailure = 'door-did-not-open'): Decision {
    const grant = this.grantOf(compartment);
    return this.put({ input: 'lock-failed', compartment, grant, cause, attempts: 3 });
  }

  /** Nobody used the grant in time. */
  lapses(compartment: number): Decision {
    return this.put({ input: 'grant-expired', compartment, grant: this.grantOf(compartment) });
  }

  /** The gateway was started again and found the door closed. */
  orphans(compartment: number): Decision {
    return this.put({ input: 'grant-orphaned', compartment, grant: this.grantOf(compartment) });
  }

  /** An administrator asks for something, with a reason. */
  administer(request: Requested<AdministrativeInput>): Decision {
    const grant = `grant-${this.now}`;
    return this.put({ actor: ADMINISTRATOR, reason: 'asked for', grant, ...request } as AdministrativeInput);
  }

  /** A person asks, opens and closes. */
  uses(user: string, ...groups: string[]): number | string {
    const answer = this.ask(user, ...groups);
    if (typeof answer === 'number') {
      this.opens(answer);
      this.closes(answer);
    }
    return answer;
  }

  assign(compartment: number, user: string): string {
    return codeOf(
      this.put({ input: 'assign', actor: ADMINISTRATOR, reason: 'new locker', compartment, user }),
    );
  }

  compartment(number: number): CompartmentState {
    const found = compartmentOf(this.state, number);
    if (!found) throw new Error(`no compartment ${number}`);
    return found;
  }

  grantOf(number: number): string {
    return this.compartment(number).opening?.grant ?? 'none';
  }
}

/** The compartment that was granted, or the code of the refusal, or `nothing`. */
export function answerOf({ event, refusal }: Decision): number | string {
  if (refusal) return refusal.code;
  return event?.type === 'compartment-granted' ? event.data.compartment : 'nothing';
}

/** `done`, or the code of the refusal. */
export function codeOf({ event, refusal }: Decision): string {
  return refusal?.code ?? (event ? 'done' : 'nothing');
}
