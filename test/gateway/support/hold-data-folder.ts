/** Holds a data folder and says so; holds it until the process is killed. */
import { holdDataFolder } from '../../../gateway/data-folder.ts';

await holdDataFolder(process.argv[2] ?? '');
process.stdout.write('held\n');
setInterval(() => {}, 60_000);
