import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';

/** A thread that goes before others, and says what came of it. */
const THREAD = `
  import { getPriority } from 'node:os';
  import { parentPort } from 'node:worker_threads';
  import { goBeforeOthers } from '${new URL('../../../gateway/cassettes/thread-priority.ts', import.meta.url)}';
  goBeforeOthers();
  parentPort.postMessage(getPriority());
`;

describe('Priority of the thread of the cassettes', () => {
  it('is raised where that is granted, for that thread alone', async () => {
    const before = getPriority();
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(THREAD)}`));
    const [own, ofMain] = await new Promise<[number, number]>((resolve, reject) => {
      worker.once('message', (priority: number) => resolve([priority, getPriority()]));
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(ofMain).to.equal(before);
    expect(own).to.be.oneOf([before, -10]);
  });
});
