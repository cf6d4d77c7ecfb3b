import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readSiteFile } from './config/read-site.ts';
import type { Settings } from './config/settings.ts';
import type { SiteFile } from './config/site.ts';
import { GATEWAY } from './domain/event.ts';
import type { Language } from './domain/texts/texts.ts';
import type { Administration } from './gateway/administration.ts';
import type { SiteView } from './gateway/api.ts';
import { openCommandSocket } from './gateway/command-socket.ts';
import { socketPath } from './gateway/data-folder.ts';
import { registerGateway, runningGateway } from './gateway/host.ts';
import { installationKey } from './gateway/secrets.ts';
import { startGateway } from './gateway/start.ts';
import { startWhole, type Undo } from './gateway/undo.ts';
import { softwareVersion } from './gateway/version.ts';
import { flowForSite, placeFirstFlow } from './nodes/first-flow.ts';
import { type OpcUaServer, startOpcUaServer } from './opcua-server/host.ts';
import type { Demo } from './simulators/demo/demo.ts';
import { startWebServer, type WebServer } from './web/server.ts';

/** Node-RED's settings lie in the top folder, whether this runs from `dist/` or from the sources. */
const SETTINGS = new URL(
  import.meta.url.endsWith('.ts') ? './settings.js' : '../settings.js',
  import.meta.url,
);

/** Everything of one Sezam process. */
export interface Product {
  close(): Promise<void>;
}

/**
 * Starts Sezam: web server, store, gateway, then OPC UA and Node-RED side by side. Where anything fails, what was
 * started is stopped again before it rejects.
 */
export function startProduct(settings: Settings): Promise<Product> {
  return startWhole(async (undo) => {
    await compose(settings, undo);
    return {};
  });
}

async function compose(settings: Settings, undo: Undo): Promise<void> {
  const notice = (message: string): void => console.log(`  ! ${message}`);
  const { dataFolder, bind } = settings;
  let administration: Administration | undefined;
  const told: { opcua?: OpcUaServer } = {};
  const web = await startWebServer({
    settings,
    gateway: runningGateway,
    administration: () => administration,
    opcua: () => told.opcua,
    notice,
  });
  undo.push(() => web.close());

  const { siteFile, site, demo } = await chooseSite(settings, undo);
  const started = await startGateway({
    siteFile,
    site,
    fixedSite: demo !== undefined,
    dataFolder,
    mongodbUri: settings.mongodbUri,
    mail: settings.mail,
    notice,
  });
  undo.push(() => started.close());
  administration = started.administration;
  const about = { gateway: hostname(), version: await softwareVersion() };
  await administration.record({ type: 'gateway-started', actor: GATEWAY, data: about });
  undo.push(() =>
    started.administration.record({
      type: 'gateway-stopped',
      actor: GATEWAY,
      data: { gateway: about.gateway },
    }),
  );
  const first = await administration.firstAdministrator();
  const { gateway } = started;
  if (demo) await demo.moveIn(administration, gateway);
  else await warnOfDemoPeople(administration, notice);
  undo.push(registerGateway(gateway));
  const commands = await openCommandSocket(
    await socketPath(dataFolder, 'command'),
    gateway,
    administration,
    () => told.opcua,
    started.reload,
  );
  undo.push(() => commands.close());

  const [opcua] = await Promise.all([
    startOpcUaServer({
      gateway,
      bind,
      port: settings.opcuaPort,
      folder: join(dataFolder, 'opcua'),
      allowAnonymous: settings.opcuaAnonymous,
      allowUnencrypted: settings.opcuaUnencrypted,
      trustUnknownClients: demo !== undefined,
      reverseConnect: settings.opcua.reverseConnect,
      discoveryServer: settings.opcua.discoveryServer,
      shutdownNotice: settings.opcua.stopNotice,
      siteName: site.site.name,
      softwareVersion: about.version,
      logger: { info: () => {}, warn: notice, error: notice },
      record: (event) => started.administration.record(event),
    }).then((server) => {
      told.opcua = server;
      undo.push(() => server.close());
      return server;
    }),
    startNodeRed(
      settings,
      { site: gateway.site, language: site.site.language, demo: demo !== undefined },
      web,
      undo,
    ),
  ]);

  const address = `${settings.tls ? 'https' : 'http'}://${bind.includes(':') ? `[${bind}]` : bind}:${web.port}`;
  announce([
    `Sezam is ready: ${site.site.name}, ${site.cabinets.length} cabinet(s), ${site.cassettes?.length ?? 0} cassette(s).`,
    `  Editor    ${address}/editor/`,
    `  OPC UA    ${opcua.endpointUrl}`,
    `  Panels    ${address}/panel/`,
    `  Health    ${address}/health/ready`,
    `  Data      ${dataFolder}${settings.mongodbUri === undefined ? ' (embedded store)' : ' (store: MongoDB)'}`,
    ...(first
      ? [
          `  First administrator: ${first.login}, one-time password ${first.password}`,
          `  Set your own password at ${address}/account/`,
        ]
      : []),
    ...(demo ? ['  Try: npm run demo:card -- 62E3086CED, or npm run demo -- mode-4'] : []),
  ]);
}

/** The site file that was chosen, or the demo site with its simulated hardware. */
async function chooseSite(
  { siteFile, dataFolder }: Settings,
  undo: Undo,
): Promise<{ readonly siteFile: string; readonly site: SiteFile; readonly demo: Demo | undefined }> {
  if (siteFile !== undefined) return { siteFile, site: await readSiteFile(siteFile), demo: undefined };
  const { startDemo } = await import('./simulators/demo/demo.ts');
  const demo = await startDemo(dataFolder);
  undo.push(() => demo.close());
  return { siteFile: demo.siteFile, site: demo.site, demo };
}

/** A data folder of the demo must not become that of a site without a word: its cards and PINs are no secrets. */
async function warnOfDemoPeople(
  administration: Administration,
  notice: (message: string) => void,
): Promise<void> {
  const { demoPeopleAmong } = await import('./simulators/demo/people.ts');
  const names = demoPeopleAmong(await administration.users());
  if (names.length === 0) return;
  notice(
    `People of the demo site are known here: ${names.join(', ')}. Everybody can know their cards and PINs. Erase them (npm run admin -- erase-user), or set SEZAM_DATA to a folder of its own.`,
  );
}

/** Starts Node-RED inside this process, with a flow for the site in its own folder at the first start. */
async function startNodeRed(
  settings: Settings,
  { site, language, demo }: { readonly site: SiteView; readonly language: Language; readonly demo: boolean },
  { application, server }: WebServer,
  undo: Undo,
): Promise<void> {
  const folder = join(settings.dataFolder, 'node-red');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = await installationKey(settings.dataFolder, 'node-red-credential-secret');
  const shipped = new URL(demo ? './flows/flows.json' : './flows/own-site.json', import.meta.url);
  const flow = JSON.parse(await readFile(shipped, 'utf8'));
  await placeFirstFlow(demo ? flow : flowForSite(flow, site), folder, secret);
  const [{ default: RED }, { 'module.exports': nodeRedSettings }] = await Promise.all([
    import('node-red'),
    import(SETTINGS.href) as Promise<{ 'module.exports': Record<string, unknown> }>,
  ]);
  RED.init(server, { ...nodeRedSettings, lang: language === 'en' ? 'en-US' : language } as never);
  application.use(String(nodeRedSettings['httpAdminRoot']), RED.httpAdmin);
  application.use(String(nodeRedSettings['httpNodeRoot']), RED.httpNode);
  await RED.start();
  undo.push(() => RED.stop());
}

function announce(lines: readonly string[]): void {
  console.log(`${lines.join('\n')}\n`);
}
