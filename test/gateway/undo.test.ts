import { expect } from 'chai';
import { startWhole, Undo } from '../../gateway/undo.ts';

describe('what was started', () => {
  it('is stopped in the opposite order, once', async () => {
    const undo = new Undo();
    const order: number[] = [];
    for (const step of [1, 2, 3]) undo.push(() => order.push(step));
    await undo.run();
    await undo.run();
    expect(order).to.deep.equal([3, 2, 1]);
  });

  it('is stopped whole, whichever step fails, and the first failure is told', async () => {
    const undo = new Undo();
    const order: number[] = [];
    undo.push(() => order.push(1));
    undo.push(() => Promise.reject(new Error('second')));
    undo.push(() => {
      throw new Error('first');
    });
    const failure = await undo.run().catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'first');
    expect(order).to.deep.equal([1]);
  });

  it('tells why it could not start, not what failed while it was stopped again', async () => {
    const order: number[] = [];
    const start = startWhole<object>((undo) => {
      undo.push(() => order.push(1));
      undo.push(() => Promise.reject(new Error('while stopping')));
      return Promise.reject(new Error('the port is taken'));
    });
    const failure = await start.catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'the port is taken');
    expect(order).to.deep.equal([1]);
  });
});
