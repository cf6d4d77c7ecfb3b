import { expect } from 'chai';
import fc from 'fast-check';
import type { AlarmCommand } from '../../domain/alarms/events.ts';
import type { AlarmView } from '../../gateway/api.ts';
import { eventIdOf, notificationOf } from '../../opcua-server/conditions/condition-id.ts';
import {
  type ConditionState,
  notificationsOf,
  retainedStates,
} from '../../opcua-server/conditions/notifications.ts';
import { memoryAlarms } from '../support/memory-alarms.ts';

const SOURCE = { source: 'compartment', cabinet: 'A', compartment: 2 } as const;
const KINDS = ['door-forced', 'duress'] as const;
const REQUESTER = {
  kind: 'administrator',
  principal: { user: 'u', login: 'u', roles: ['administrator'] },
} as const;

type Step =
  | { readonly sign: 'raised' | 'over'; readonly kind: (typeof KINDS)[number] }
  | { readonly command: AlarmCommand['do']; readonly kind: (typeof KINDS)[number]; readonly back: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ sign: fc.constantFrom('raised', 'over'), kind: fc.constantFrom(...KINDS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      command: fc.constantFrom<AlarmCommand['do'][]>(
        'acknowledge',
        'acknowledge',
        'confirm',
        'comment',
        'shelve-once',
        'unshelve',
        'suppress',
        'release',
        'silence',
        'disable',
        'enable',
        'enable',
      ),
      kind: fc.constantFrom(...KINDS),
      back: fc.nat(3),
    }),
  },
) as fc.Arbitrary<Step>;

/** Every view of the alarms of a life, in order. */
async function lived(steps: readonly Step[]): Promise<readonly AlarmView[]> {
  const desk = memoryAlarms();
  const views: AlarmView[] = [];
  desk.onChange(({ alarm }) => void views.push(alarm));
  for (const step of steps) {
    if ('sign' in step) {
      await desk.record([{ signs: () => [{ sign: step.sign, kind: step.kind, source: SOURCE }] }]);
      continue;
    }
    const alarm = `${step.kind}@A/2`;
    const numbers = desk.alarm(alarm)?.earlier.map(({ number }) => number) ?? [];
    const number = numbers.at(-step.back);
    const command = {
      do: step.command,
      alarm,
      comment: 'words',
      ...(step.back > 0 && number !== undefined && { number }),
    };
    await desk.command(command as AlarmCommand, REQUESTER);
  }
  desk.stop();
  return views;
}

/** What a client shows that follows the notifications: by alarm and occurrence of a branch, what is to be seen. */
class Shown {
  readonly #states = new Map<string, ConditionState>();

  take(states: readonly ConditionState[]): void {
    for (const state of states) {
      const key = `${state.alarm.id} ${state.branch ? state.occurrence.number : ''}`;
      if (state.retain) this.#states.set(key, state);
      else this.#states.delete(key);
    }
  }

  get all(): string[] {
    return [...this.#states.values()].map(summary).sort();
  }
}

function summary({ alarm, occurrence, branch }: ConditionState): string {
  const { shelving, suppressed, silenced, comment } = alarm;
  const trunk = branch ? {} : { shelving, suppressed, silenced, comment };
  return JSON.stringify([alarm.id, branch, occurrence, trunk]);
}

describe('notifications of conditions', () => {
  it('leave a client with what a refresh would bring, however they were merged on their way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(STEP, { maxLength: 40 }),
        fc.infiniteStream(fc.boolean()),
        async (steps, merged) => {
          const views = await lived(steps);
          const shown = new Shown();
          const told = new Map<string, AlarmView>();
          for (const [index, view] of views.entries()) {
            // The last change of an alarm is never merged away.
            const isLast = !views.slice(index + 1).some(({ id }) => id === view.id);
            if (!isLast && merged.next().value) continue;
            shown.take(notificationsOf(told.get(view.id), view));
            told.set(view.id, view);
          }
          const truth = [...told.values()]
            .flatMap((view) => retainedStates(view))
            .map(summary)
            .sort();
          expect(shown.all).to.deep.equal(truth);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('have ids that are all different, and name what they notify', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 40 }), async (steps) => {
        const told = new Map<string, AlarmView>();
        const ids = new Set<string>();
        for (const view of await lived(steps)) {
          for (const { alarm, occurrence } of notificationsOf(told.get(view.id), view)) {
            const notification = { occurrence: occurrence.number, revision: alarm.revision };
            const id = eventIdOf(alarm.id, notification);
            expect(ids.has(id.toString('hex'))).to.equal(false);
            ids.add(id.toString('hex'));
            expect(notificationOf(alarm.id, id)).to.deep.equal(notification);
            expect(notificationOf(`${alarm.id}x`, id)).to.equal(undefined);
          }
          told.set(view.id, view);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('drop the oldest of too many branches without saying that somebody has seen it', async () => {
    const steps: Step[] = Array.from({ length: 24 }, (_, index) => ({
      sign: index % 2 === 0 ? 'raised' : 'over',
      kind: 'door-forced',
    }));
    const views = await lived(steps);
    const gone = views
      .flatMap((view, index) => notificationsOf(views[index - 1], view))
      .filter(({ retain }) => !retain);
    expect(gone.map(({ occurrence }) => [occurrence.number, occurrence.acknowledged])).to.deep.equal([
      [1, false],
    ]);
  });
});
