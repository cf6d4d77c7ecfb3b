/** Makes the files of a data folder that are made once: `key` or `gateway-id`. */
import { gatewayId } from '../../../gateway/data-folder.ts';
import { installationKey } from '../../../gateway/secrets.ts';

const [, , folder = '', which] = process.argv;
await (which === 'key' ? installationKey(folder, 'credential-key') : gatewayId(folder));
