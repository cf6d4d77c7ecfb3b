/** Starts the gateway of a site, takes another site file over, and is killed at a given moment of it. */
import { copyFile } from 'node:fs/promises';
import { startGateway } from '../../../gateway/start.ts';

const [siteFile = '', nextFile = '', dataFolder = '', mongodbUri = '', moment = ''] = process.argv.slice(2);

function die(): void {
  process.stdout.write(`killed ${moment}\n`);
  process.kill(process.pid, 'SIGKILL');
}

const { gateway, reload } = await startGateway({ siteFile, dataFolder, mongodbUri });
if (moment === 'configured') {
  gateway.onChange(({ event }) => {
    if (event.type === 'cabinet-configured') die();
  });
}
if (moment === 'told') gateway.onSite(die);
await copyFile(nextFile, siteFile);
await reload.reload({ dryRun: false, force: true }, { kind: 'machine', id: 'test' });
process.stdout.write('done\n');
if (moment === 'done') die();
