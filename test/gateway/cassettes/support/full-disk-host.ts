/** Arms a cassette, has records written until the disk takes no more, attacks, and prints what came of it. */
import { eventually } from '../../../support/eventually.ts';
import { ROMS } from './cassettes-at-work.ts';
import { Controllers, RuntimeAtWork } from './runtime-at-work.ts';

const controllers = await Controllers.serve(['C1']);
const work = await RuntimeAtWork.open({
  folder: process.argv[2] ?? '',
  cassettes: [{ id: 'C1', mode: 'internal' }],
  controllers,
});
const simulator = controllers.of('C1');
work.attachEmpty();
work.register('K', 'K', ROMS.K);
await work.arm('C1', simulator, ROMS.K);
for (let time = 0; work.records.trouble === undefined; time += 1) {
  work.ask({ do: 'area', cassette: 'C1', inside: time % 2 === 1, source: 'test' });
  await new Promise((resolve) => setImmediate(resolve));
}
simulator.openLid();
await eventually('it has fired', () => simulator.firings === 1);
await work.heard('C1', 'stained');
const { trouble, waiting } = work.records;
process.stdout.write(
  JSON.stringify({ firings: simulator.firings, phase: work.view('C1').phase, trouble, waiting }),
);
await work.runtime.stop();
await controllers.close();
