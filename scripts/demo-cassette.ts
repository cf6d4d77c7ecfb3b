/** `npm run demo:cassette -- C1 open-lid`: does something to a simulated cassette of the demo site and tells what happens. */
import { readSettings } from '../config/settings.ts';
import type { FollowedEvent } from '../gateway/command-socket.ts';
import { socketPath } from '../gateway/data-folder.ts';
import { CASSETTE_ACTS } from '../simulators/demo/cassettes.ts';
import type { DemoEvent } from '../simulators/demo/hardware.ts';
import { DEMO_KEYS } from '../simulators/demo/keys.ts';
import { cassetteWords } from './demo/cassette-words.ts';
import { lineFor } from './event-line.ts';
import { connectLines, outliveReader } from './line-client.ts';

/** How long to watch what comes of it. Milliseconds. */
const WATCHED_FOR = 3_000;
/** How long a key is held to the reader. Milliseconds. */
const KEY_HELD_FOR = 1_200;

const [cassette, act, typed] = process.argv.slice(2);
if (cassette === undefined || act === undefined || !CASSETTE_ACTS.includes(act)) {
  const keys = Object.values(DEMO_KEYS).map(({ id }) => id);
  console.error(
    [
      'Usage: npm run demo:cassette -- CASSETTE ACT [VALUE]     (C1, C2 or C3)',
      `  ACT: ${CASSETTE_ACTS.join(', ')}`,
      `  touch-key takes ${keys.join(', ')}, or 16 hex digits; gas %, blow milli-g, tilt degrees, light lux, temperature °C`,
    ].join('\n'),
  );
  process.exit(2);
}

const known = Object.values(DEMO_KEYS).find(({ id }) => id === typed);
const value = act === 'touch-key' ? (known?.rom ?? typed) : typed === undefined ? undefined : Number(typed);
outliveReader();
try {
  const { dataFolder } = readSettings(process.env);
  const log = await connectLines(await socketPath(dataFolder, 'command'));
  const hardware = await connectLines(await socketPath(dataFolder, 'demo-hardware'));
  const end = (): void => {
    hardware.end();
    log.end();
  };
  const begin = (): void => {
    hardware.send({ do: 'cassette', cassette, act, value });
    if (act !== 'touch-key') return;
    setTimeout(() => hardware.send({ do: 'cassette', cassette, act: 'leave-key' }), KEY_HELD_FOR);
  };
  const watchLog = async (): Promise<void> => {
    log.send({ do: 'follow' });
    for await (const message of log.messages) {
      const event = message as FollowedEvent;
      if (event.stream === undefined) begin();
      else if (event.stream === `cassette/${cassette}`) {
        console.log(`${event.alarm ? 'alarm   ' : 'log     '}  ${lineFor(event)}`);
      }
    }
  };
  const watchHardware = async (): Promise<void> => {
    for await (const message of hardware.messages) {
      const event = message as DemoEvent | { readonly ok: boolean; readonly error?: string };
      if (!('event' in event)) {
        if (event.ok) continue;
        console.error(event.error ?? 'The simulated hardware refused.');
        process.exitCode = 1;
        end();
      } else if ('pattern' in event || event.event === 'stained' || event.event === 'gas-driven-out') {
        if (event.cassette === cassette) console.log(`hardware  ${cassetteWords(event, 'en')}`);
      }
    }
  };
  setTimeout(end, WATCHED_FOR);
  await Promise.all([watchLog(), watchHardware()]);
  process.exit();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
