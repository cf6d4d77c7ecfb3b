/** What somebody with the right asks of a cassette. Who has the right, the gateway knows; what is possible, this does. */
import { AUTOMATIC } from './events.ts';
import { mayGiveUp } from './firing.ts';
import { againstRest, againstStepDown } from './guards.ts';
import type { CassetteInput } from './inputs.ts';
import { confirmKey } from './keys.ts';
import { armedAfter, changeTo, enter } from './phases.ts';
import { type CassetteRefusal, cassetteRefusal } from './refusal.ts';
import type { Turn } from './turn.ts';

type Command = Extract<CassetteInput, { readonly input: 'command' }>;

/** Carries a command out, or puts its refusal on record. */
export function takeCommand(turn: Turn, input: Command): CassetteRefusal | undefined {
  if (input.duress === true) turn.emit('duress-told', { command: input.command.do }, input.actor);
  const refusal = input.refusal ?? againstCommand(turn, input) ?? carryOut(turn, input);
  return refusal && refuseCommand(turn, input, refusal);
}

/** A command that does nothing is on record as such. */
export function refuseCommand(
  turn: Turn,
  { command, actor }: Command,
  refusal: CassetteRefusal,
): CassetteRefusal {
  turn.emit('command-refused', { command: command.do, refusal }, actor);
  turn.act({ effect: 'signal', signal: 'refused' });
  return refusal;
}

function againstCommand(
  turn: Turn,
  { command, actor, reason, second }: Command,
): CassetteRefusal | undefined {
  const givesUp = command.do === 'reset-stained' && mayGiveUp(turn);
  if (turn.recorded.attack !== undefined && !givesUp) return cassetteRefusal('attack-under-way');
  if (reason.trim() === '') return cassetteRefusal('reason-missing');
  if (!second) return needsTwo(turn, command.do) ? cassetteRefusal('second-person-missing') : undefined;
  // Ids alone: a person at a panel and the same person at an administrator's page differ in kind.
  return second.id === actor.id ? cassetteRefusal('second-person-same') : undefined;
}

function needsTwo({ setting, recorded }: Turn, name: Command['command']['do']): boolean {
  if (recorded.attack !== undefined) return true;
  if (name === 'override-key') return true;
  if (name === 'reset-stained') return setting.resetByTwoPersons;
  return name === 'enter-service' && setting.service.twoPersons;
}

function carryOut(turn: Turn, input: Command): CassetteRefusal | undefined {
  const { command, actor, reason, second } = input;
  const { phase, test } = turn.recorded;
  switch (command.do) {
    case 'enter-service':
    case 'reset-stained': {
      if (command.do === 'enter-service' && phase !== 'rest')
        return cassetteRefusal('not-at-rest', { phase });
      if (command.do === 'reset-stained' && phase !== 'stained' && !mayGiveUp(turn))
        return cassetteRefusal('not-stained', { phase });
      const lasts = command.do === 'enter-service' ? command.lasts : undefined;
      const change = changeTo(turn, 'service', {}, lasts);
      turn.emit('service-entered', { ...change, reason, ...(second && { second }) }, actor);
      turn.forget('firing');
      enter(turn);
      return undefined;
    }
    case 'finish-service': {
      if (phase !== 'service') return cassetteRefusal('not-in-service', { phase });
      if (test) return cassetteRefusal('test-running');
      const refusal = againstRest(turn);
      if (refusal) return refusal;
      const change = changeTo(turn, 'rest', {});
      turn.emit('service-finished', { ...change, loaded: command.loaded, by: 'command' }, actor);
      enter(turn);
      return undefined;
    }
    case 'override-key':
      return override(turn, input);
    case 'confirm-key':
      return confirmKey(turn, actor);
    case 'begin-test':
      if (phase !== 'service') return cassetteRefusal('not-in-service', { phase });
      if (test) return cassetteRefusal('test-running');
      turn.emit('test-begun', { reason }, actor);
      return undefined;
    case 'end-test':
      if (!test) return cassetteRefusal('not-in-test', { phase });
      turn.emit('test-ended', { proved: test, by: 'command' }, actor);
      return undefined;
    case 'self-test':
      if (phase !== 'rest' && phase !== 'service') return cassetteRefusal('not-at-rest', { phase });
      if (turn.live.link === 'down') return cassetteRefusal('no-link');
      turn.emit('self-test-asked', { reason }, actor);
      turn.act({ effect: 'self-test' });
      return undefined;
  }
}

/** One stage down, as the key that armed it would. */
function override(turn: Turn, { actor, reason, second }: Command): CassetteRefusal | undefined {
  const { phase, armedBy } = turn.recorded;
  const row = turn.rules.transitions[turn.setting.mode].find(({ from, same }) => from === phase && same);
  if (!row || !second) return cassetteRefusal('not-armed', { phase });
  const refusal = againstStepDown(turn, row.to);
  if (refusal) return refusal;
  const change = changeTo(turn, row.to, armedAfter(armedBy, row.from, row.to, AUTOMATIC));
  turn.emit('key-overridden', { ...change, reason, second }, actor);
  enter(turn);
  return undefined;
}
