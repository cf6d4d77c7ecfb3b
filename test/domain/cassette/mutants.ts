/** The rules of the product with one thing wrong each: every mistake that data like these can hold. */
import { KEY_ROLES } from '../../../domain/cassette/key.ts';
import { SENSORS, type Sensor } from '../../../domain/cassette/readings.ts';
import type {
  Guard,
  KeyTransition,
  PhaseLiveness,
  Rules,
  Transition,
} from '../../../domain/cassette/rules.ts';
import {
  MANAGEMENT_MODES,
  type ManagementMode,
  PHASES,
  type Phase,
} from '../../../domain/cassette/setting.ts';

export interface Mutant {
  readonly kind: string;
  readonly what: string;
  readonly rules: Rules;
}

const GUARDS: readonly Guard[] = ['not-loaded', 'lid-open', 'self-test-failed', 'not-in-machine'];

export function* mutantsOf(rules: Rules): Generator<Mutant> {
  for (const mode of MANAGEMENT_MODES) {
    for (const [place, row] of rules.transitions[mode].entries()) {
      const named = `${mode}: ${row.on} in ${row.from}`;
      for (const { kind, what, rows } of ofRow(row)) {
        const transitions = rules.transitions[mode].toSpliced(place, 1, ...rows);
        yield { kind, what: `${named} ${what}`, rules: withRows(rules, mode, transitions) };
      }
    }
  }
  for (const phase of PHASES) {
    for (const sensor of SENSORS) yield* ofCell(rules, phase, sensor);
  }
}

type RowMutant = { readonly kind: string; readonly what: string; readonly rows: readonly Transition[] };

function* ofRow(row: Transition): Generator<RowMutant> {
  yield { kind: 'row dropped', what: 'dropped', rows: [] };
  if (row.on === 'expiry') return;
  for (const to of PHASES) {
    if (to !== row.to) yield changed(row, { to }, 'row redirected', `leads to ${to}`);
  }
  for (const from of PHASES) {
    if (from !== row.from) yield changed(row, { from }, 'row moved', `stands in ${from} instead`);
  }
  for (const on of KEY_ROLES) {
    if (on !== row.on) yield changed(row, { on }, 'role changed', `by ${on} instead`);
  }
  yield changed(row, { same: !row.same }, 'same key flipped', row.same ? 'by any key' : 'by the same key');
  for (const guard of GUARDS) {
    const has = row.refusedIf.includes(guard);
    // Before a disarming none is looked at.
    if (!has && row.same) continue;
    const refusedIf = has ? row.refusedIf.filter((each) => each !== guard) : [...row.refusedIf, guard];
    const [kind, what] = has ? ['guard removed', 'without'] : ['guard added', 'with'];
    yield changed(row, { refusedIf }, kind, `${what} ${guard}`);
  }
  for (const [place, guard] of row.refusedIf.slice(1).entries()) {
    const refusedIf = row.refusedIf.toSpliced(place, 2, guard, ...row.refusedIf.slice(place, place + 1));
    yield changed(row, { refusedIf }, 'guards swapped', `asks for ${guard} too early`);
  }
}

function changed(row: KeyTransition, by: Partial<KeyTransition>, kind: string, what: string): RowMutant {
  return { kind, what, rows: [{ ...row, ...by }] };
}

function* ofCell(rules: Rules, phase: Phase, sensor: Sensor): Generator<Mutant> {
  const others = sensor === 'shock' ? ['off', 'log', 'low', 'high'] : ['off', 'report', 'log', 'live'];
  for (const liveness of others) {
    if (liveness === rules.liveness[phase][sensor]) continue;
    const cells = { ...rules.liveness[phase], [sensor]: liveness } as PhaseLiveness;
    const what = `${sensor} in ${phase} is ${liveness}`;
    yield {
      kind: 'liveness changed',
      what,
      rules: { ...rules, liveness: { ...rules.liveness, [phase]: cells } },
    };
  }
}

function withRows(rules: Rules, mode: ManagementMode, rows: readonly Transition[]): Rules {
  return { ...rules, transitions: { ...rules.transitions, [mode]: rows } };
}
