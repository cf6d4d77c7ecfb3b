import { expect } from 'chai';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import { refusal } from '../../domain/refusals.ts';
import { textOf } from '../../domain/texts/texts.ts';
import { AllOpenings } from '../../gateway/all-openings.ts';
import type { AllOpeningProgress, Done, Refused } from '../../gateway/api.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A cabinet as far as an opening of all looks at it. */
function cabinetOf(id: string, compartments: number) {
  const numbers = Array.from({ length: compartments }, (_, index) => ({ number: index + 1 }));
  return { id, state: { compartments: numbers } as unknown as CabinetState };
}

const opens = async (compartment: number): Promise<Done> => ({ ok: true, cabinet: 'A', compartment });

function refuses(code: 'lock-failed' | 'gateway-stopping', compartment: number): Refused {
  const why = refusal(code, { compartment });
  return { ok: false, refusal: why, text: textOf(why) };
}

describe('an opening of every compartment', () => {
  let clock: ManualClock;
  let openings: AllOpenings;
  let told: AllOpeningProgress[];

  beforeEach(() => {
    clock = new ManualClock();
    openings = new AllOpenings(clock);
    told = [];
    openings.onProgress((progress) => told.push(progress));
  });

  afterEach(() => expect(clock.pending, 'timers left behind').to.equal(0));

  /** Lets it come to its end; the end, or what it was rejected with. */
  const ended = async (begun: ReturnType<AllOpenings['begin']>): Promise<unknown> => {
    if (!begun.ok) throw new Error(begun.refusal.code);
    const end = begun.ended.catch((error: unknown) => error);
    await clock.advance(60_000);
    return end;
  };

  it('goes on whatever becomes of each, half a second apart, and tells every step', async () => {
    const at: number[] = [];
    const begun = openings.begin(cabinetOf('A', 4), async (compartment) => {
      at.push(clock.now());
      return compartment === 2 ? refuses('lock-failed', 2) : opens(compartment);
    });
    const failed = [{ compartment: 2, refusal: refusal('lock-failed', { compartment: 2 }) }];
    expect(begun).to.deep.include({ ok: true, cabinet: 'A', compartments: 4 });
    expect(await ended(begun)).to.deep.equal({ ok: true, cabinet: 'A', opened: [1, 3, 4], failed });
    expect(at.map((time) => time - (at[0] ?? 0))).to.deep.equal([0, 500, 1_000, 1_500]);
    expect(
      told.map(({ opened, failed: of, ended: end }) => [opened, of.length, end !== undefined]),
    ).to.deep.equal([
      [[], 0, false],
      [[1], 0, false],
      [[1], 1, false],
      [[1, 3], 1, false],
      [[1, 3, 4], 1, false],
      [[1, 3, 4], 1, true],
    ]);
    const [first] = told;
    expect(openings.progressOf('A')).to.deep.equal({
      cabinet: 'A',
      compartments: 4,
      opened: [1, 3, 4],
      failed,
      began: first?.began,
      ended: (first?.began ?? 0) + 2_000,
    });
  });

  it('is one at a time for a cabinet, and as many as there are cabinets', async () => {
    const begun = openings.begin(cabinetOf('A', 2), opens);
    const again = openings.begin(cabinetOf('A', 2), opens);
    expect(again).to.have.nested.property('refusal.code', 'opening-all-already');
    const other = openings.begin(cabinetOf('B', 1), opens);
    expect(other.ok).to.equal(true);
    await ended(begun);
    expect(openings.progressOf('B')?.ended).to.be.a('number');
    const later = openings.begin(cabinetOf('A', 2), opens);
    expect(later.ok, 'after its end').to.equal(true);
    expect(openings.progressOf('A')?.opened, 'which begins anew').to.deep.equal([]);
    await ended(later);
  });

  it('of a cabinet without compartments ends at once', async () => {
    expect(await ended(openings.begin(cabinetOf('A', 0), opens))).to.deep.include({ opened: [], failed: [] });
    expect(openings.progressOf('A')?.ended).to.equal(openings.progressOf('A')?.began);
  });

  it('opens the others where one breaks, says so at the end, and can be begun again', async () => {
    const fault = new Error('the store is on fire');
    const begun = openings.begin(cabinetOf('A', 3), (compartment) =>
      compartment === 1 ? Promise.reject(fault) : opens(compartment),
    );
    expect(await ended(begun)).to.equal(fault);
    expect(openings.progressOf('A')).to.deep.include({ opened: [2, 3], failed: [] });
    expect((await ended(openings.begin(cabinetOf('A', 1), opens))) as object).to.have.property('ok', true);
  });

  it('ends with the gateway: nothing more is tried', async () => {
    const tried: number[] = [];
    const begun = openings.begin(cabinetOf('A', 3), async (compartment) => {
      tried.push(compartment);
      return compartment === 2 ? refuses('gateway-stopping', 2) : opens(compartment);
    });
    openings.stop();
    expect(await ended(begun)).to.deep.include({ opened: [1] });
    expect(tried).to.deep.equal([1, 2]);
    expect(told.at(-1)?.ended).to.be.a('number');
  });

  it('tells nobody who no longer listens', async () => {
    const heard: AllOpeningProgress[] = [];
    openings.onProgress((progress) => heard.push(progress))();
    await ended(openings.begin(cabinetOf('A', 1), opens));
    expect(heard).to.deep.equal([]);
  });
});
