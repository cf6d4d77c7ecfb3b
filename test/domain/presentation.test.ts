import { expect } from 'chai';
import {
  type FieldMeaning,
  nextField,
  QUIET_BETWEEN_CARDS,
  type ReaderField,
} from '../../domain/presentation.ts';

/** Plays frames `[card, milliseconds since the frame before]` and tells what each meant. */
function play(frames: readonly (readonly [card: string, after: number])[]): FieldMeaning[] {
  let field: ReaderField = { field: 'empty' };
  let at = 1_000_000;
  return frames.map(([card, after]) => {
    at += after;
    const { to, meaning } = nextField(field, card, at);
    field = to;
    return meaning;
  });
}

describe('what lies at a reader', () => {
  it('takes a held card once, however long it is held', () => {
    const held = Array.from({ length: 100 }, () => ['A', 100] as const);
    expect(play(held)).to.deep.equal(['presented', ...Array.from({ length: 99 }, () => 'repeated')]);
  });

  it('takes the same card again after a moment of quiet', () => {
    expect(
      play([
        ['A', 0],
        ['A', QUIET_BETWEEN_CARDS],
      ]),
    ).to.deep.equal(['presented', 'presented']);
    expect(
      play([
        ['A', 0],
        ['A', QUIET_BETWEEN_CARDS - 1],
      ]),
    ).to.deep.equal(['presented', 'repeated']);
  });

  it('takes the next person after a moment of quiet', () => {
    expect(
      play([
        ['A', 0],
        ['B', QUIET_BETWEEN_CARDS],
      ]),
    ).to.deep.equal(['presented', 'presented']);
  });

  it('tells two cards at once, one time, and takes nothing until the reader is quiet', () => {
    const frames = [
      ['A', 0],
      ['B', 60],
      ['A', 60],
      ['B', 60],
      ['C', 60],
      ['B', QUIET_BETWEEN_CARDS],
    ] as const;
    expect(play(frames)).to.deep.equal([
      'presented',
      'two-cards',
      'repeated',
      'repeated',
      'repeated',
      'presented',
    ]);
  });

  it('does not hold a card for ever after the clock was set back', () => {
    expect(
      play([
        ['A', 0],
        ['B', -3_600_000],
      ]),
    ).to.deep.equal(['presented', 'presented']);
  });
});
