/** Appends events to the journal in a folder until one is refused; prints how many were acknowledged, and the error's code. */
import { Journal, type JournalError } from '../../../gateway/event-log/journal.ts';
import { chainOf } from './chains.ts';

const { journal } = await Journal.open(process.argv[2] ?? '');
let acknowledged = 0;
for (const event of chainOf('cabinet/A', 10_000)) {
  try {
    await journal.append([event]);
    acknowledged += 1;
  } catch (error) {
    process.stdout.write(JSON.stringify({ acknowledged, code: (error as JournalError).code }));
    break;
  }
}
await journal.close();
