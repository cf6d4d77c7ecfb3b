import { expect } from 'chai';
import type { PresentationNotice } from '../../gateway/api.ts';
import { Reader } from '../../gateway/readers.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('a reader whose presentations a flow takes', () => {
  let clock: ManualClock;
  let unhandled: string[];
  let reader: Reader;

  beforeEach(() => {
    clock = new ManualClock();
    unhandled = [];
    reader = new Reader(
      { id: 'r1', cabinet: 'A', panel: 'r1', bus: 'wire', decide: 'flow' },
      clock,
      ({ presentation }) => unhandled.push(presentation),
    );
  });

  afterEach(() => reader.stop());

  function notice(presentation: string): PresentationNotice {
    return { presentation, reader: 'r1', cabinet: 'A', kind: 'card', at: clock.now() };
  }

  it('hands each to every flow that listens, at once', () => {
    const heard: string[] = [];
    reader.listen(({ presentation }) => heard.push(`one ${presentation}`));
    const leave = reader.listen(({ presentation }) => heard.push(`two ${presentation}`));
    reader.notify(notice('a'));
    leave();
    reader.notify(notice('b'));
    expect(heard).to.deep.equal(['one a', 'two a', 'one b']);
  });

  it('keeps those that come while a flow is being redeployed, in order', async () => {
    const heard: string[] = [];
    reader.notify(notice('a'));
    reader.notify(notice('b'));
    await clock.advance(2_999);
    reader.listen(({ presentation }) => heard.push(presentation));
    await clock.advance(60_000);
    expect(heard).to.deep.equal(['a', 'b']);
    expect(unhandled).to.deep.equal([]);
  });

  it('gives up on those that no flow takes within three seconds', async () => {
    reader.notify(notice('a'));
    await clock.advance(3_000);
    expect(unhandled).to.deep.equal(['a']);
    reader.listen(({ presentation }) => unhandled.push(`late ${presentation}`));
    expect(unhandled).to.deep.equal(['a']);
  });

  it('lets ten wait, and no more', () => {
    for (let number = 1; number <= 12; number += 1) reader.notify(notice(String(number)));
    expect(unhandled).to.deep.equal(['11', '12']);
  });

  it('leaves no timer behind when it stops', () => {
    reader.notify(notice('a'));
    reader.stop();
    expect(clock.pending).to.equal(0);
  });

  it('tells a card that is still held, a second card beside it, and the next one', async () => {
    expect(reader.meaningOf('one')).to.equal('presented');
    expect(reader.meaningOf('one')).to.equal('repeated');
    expect(reader.meaningOf('two')).to.equal('two-cards');
    expect(reader.meaningOf('one')).to.equal('repeated');
    await clock.advance(500);
    expect(reader.meaningOf('two')).to.equal('presented');
  });
});
