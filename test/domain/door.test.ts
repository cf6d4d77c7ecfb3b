import { expect } from 'chai';
import {
  type DoorInput,
  type DoorState,
  isOpen,
  mayStandOpenFor,
  nextDoor,
} from '../../domain/cabinet/door.ts';

const INPUTS = {
  'sensor open, expected': { input: 'sensor-open', expected: true },
  'sensor open, unexpected': { input: 'sensor-open', expected: false },
  'sensor closed': { input: 'sensor-closed' },
  'open too long': { input: 'open-too-long' },
} as const satisfies Record<string, DoorInput>;

/** Start × input → target and outcome; a dash where nothing may move. */
const TABLE: Record<DoorState, Record<keyof typeof INPUTS, string>> = {
  unknown: {
    'sensor open, expected': 'open/opened',
    'sensor open, unexpected': 'open/found',
    'sensor closed': 'closed/found',
    'open too long': '-',
  },
  closed: {
    'sensor open, expected': 'open/opened',
    'sensor open, unexpected': 'forced/forced',
    'sensor closed': '-',
    'open too long': '-',
  },
  open: {
    'sensor open, expected': 'open/opened',
    'sensor open, unexpected': '-',
    'sensor closed': 'closed/closed',
    'open too long': 'left-open/left-open',
  },
  'left-open': {
    'sensor open, expected': 'open/opened',
    'sensor open, unexpected': '-',
    'sensor closed': 'closed/closed',
    'open too long': '-',
  },
  forced: {
    'sensor open, expected': 'open/opened',
    'sensor open, unexpected': '-',
    'sensor closed': 'closed/closed',
    'open too long': '-',
  },
};

describe('the door of a compartment', () => {
  for (const [from, row] of Object.entries(TABLE) as [DoorState, (typeof TABLE)[DoorState]][]) {
    for (const [name, expected] of Object.entries(row) as [keyof typeof INPUTS, string][]) {
      it(`${from}, ${name} → ${expected === '-' ? 'nothing' : expected}`, () => {
        const step = nextDoor(from, INPUTS[name]);
        expect(step ? `${step.to}/${step.outcome}` : '-').to.equal(expected);
      });
    }
  }

  it('may stand open for what is left of its time; a clock that is set back makes that no longer', () => {
    const opened = 1_000_000;
    for (const [now, left] of [
      [opened, 60_000],
      [opened + 59_000, 1_000],
      [opened + 60_000, 0],
      [opened + 3_600_000, 0],
      [opened - 3_600_000, 60_000],
    ] as const) {
      expect(mayStandOpenFor(opened, 60_000, now), `${now - opened} ms after it was opened`).to.equal(left);
    }
  });

  it('is open whenever somebody could reach inside', () => {
    const open = (Object.keys(TABLE) as DoorState[]).filter(isOpen);
    expect(open).to.deep.equal(['open', 'left-open', 'forced']);
  });
});
