/** What is explored: each mode with everything that may happen, and settings that open other ways, with less. */
import type { CassetteSetting } from '../../../../domain/cassette/setting.ts';
import type { Exploration } from './explore.ts';
import {
  commandsOf,
  type Happening,
  keysOf,
  samplesOf,
  shortSetting,
  TIME,
  troublesOf,
  UNIT,
} from './inputs.ts';

const USUAL = ['nothing active, in the machine', 'nothing active, outside'];

function exploration(
  given: Partial<CassetteSetting>,
  samples: readonly Happening[],
): Omit<Exploration, 'rules'> {
  const setting = shortSetting(given);
  const happenings = [...TIME, ...troublesOf(setting), ...samples, ...keysOf(setting), ...commandsOf()];
  return { setting, happenings, most: 60_000 };
}

const { sensors } = shortSetting();

export const EXPLORATIONS: Readonly<Record<string, Omit<Exploration, 'rules'>>> = {
  outsourced: exploration({ mode: 'outsourced' }, samplesOf()),
  internal: exploration({ mode: 'internal' }, samplesOf()),
  'internal-protected-zone': exploration({ mode: 'internal-protected-zone' }, samplesOf()),
  'outsourced, with a second factor': exploration(
    { mode: 'outsourced', secondFactor: { required: true, within: 2 * UNIT }, resetByTwoPersons: false },
    samplesOf([...USUAL, 'broken in', 'no notes']),
  ),
  'internal-protected-zone, armed by insertion, tilt live on the way': exploration(
    {
      mode: 'internal-protected-zone',
      automaticFull: true,
      transportWithin: 2 * UNIT,
      alsoLive: { transit: ['tilt'], full: [] },
      grace: { lasts: 2 * UNIT, warnings: [UNIT], soon: 4 * UNIT, leastAfterReturn: UNIT },
    },
    samplesOf([...USUAL, 'tilted', 'displaced', 'a failed self-test']),
  ),
  'internal, with countdowns while armed and service of two persons': exploration(
    {
      mode: 'internal',
      sensors: {
        ...sensors,
        position: { debounce: UNIT, preAlarm: { full: 2 * UNIT } },
        'break-in': { debounce: 0, preAlarm: {} },
      },
      service: { lasts: 2 * UNIT, twoPersons: true },
    },
    samplesOf([...USUAL, 'displaced', 'broken in', 'broken in and displaced']),
  ),
};
