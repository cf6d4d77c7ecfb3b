import { expect } from 'chai';
import { nextOpening, type OpeningInput, type OpeningState } from '../../domain/cabinet/opening.ts';

const ATTEMPTS = 2;

const STATES = {
  granted: { phase: 'granted' },
  'pulsing 1': { phase: 'pulsing', attempt: 1 },
  'pulsing 2': { phase: 'pulsing', attempt: 2 },
  'watching 1': { phase: 'watching', attempt: 1 },
  'watching 2': { phase: 'watching', attempt: 2 },
  opened: { phase: 'opened' },
  'failed silent': { phase: 'failed', attempts: 2, cause: 'no-answer' },
  'failed shut': { phase: 'failed', attempts: 2, cause: 'door-did-not-open' },
} as const satisfies Record<string, OpeningState>;
type StateName = keyof typeof STATES;

const INPUTS: readonly OpeningInput[] = ['redeemed', 'pulse-sent', 'no-answer', 'door-opened', 'deadline'];

/** The transitions there are; every other pair of state and input moves nothing. */
const MOVES: Partial<Record<`${StateName} + ${OpeningInput}`, `${StateName}, ${string}`>> = {
  'granted + redeemed': 'pulsing 1, send-pulse',
  'pulsing 1 + pulse-sent': 'watching 1, await-door',
  'pulsing 2 + pulse-sent': 'watching 2, await-door',
  'pulsing 1 + no-answer': 'pulsing 2, send-pulse',
  'pulsing 2 + no-answer': 'failed silent, conclude',
  'pulsing 1 + door-opened': 'opened, conclude',
  'pulsing 2 + door-opened': 'opened, conclude',
  'watching 1 + door-opened': 'opened, conclude',
  'watching 2 + door-opened': 'opened, conclude',
  'watching 1 + deadline': 'pulsing 2, send-pulse',
  'watching 2 + deadline': 'failed shut, conclude',
};

function nameOf(state: OpeningState): string {
  const wanted = JSON.stringify(state);
  return Object.entries(STATES).find(([, known]) => JSON.stringify(known) === wanted)?.[0] ?? wanted;
}

describe('one opening, with two pulses allowed', () => {
  for (const name of Object.keys(STATES) as StateName[]) {
    for (const input of INPUTS) {
      const expected = MOVES[`${name} + ${input}`] ?? `${name}, none`;
      it(`${name} + ${input} → ${expected}`, () => {
        const { to, action } = nextOpening(STATES[name], input, ATTEMPTS);
        expect(`${nameOf(to)}, ${action}`).to.equal(expected);
      });
    }
  }

  it('sends one pulse only where only one is allowed', () => {
    expect(nextOpening({ phase: 'pulsing', attempt: 1 }, 'no-answer', 1).to).to.deep.equal({
      phase: 'failed',
      attempts: 1,
      cause: 'no-answer',
    });
  });
});
