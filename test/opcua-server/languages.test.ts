import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Argument,
  AttributeIds,
  type DTEnumDefinition,
  type LocalizedText,
  type OPCUACertificateManager,
} from 'node-opcua';
import { LANGUAGES, type LocalizedText as Sentence } from '../../domain/texts/texts.ts';
import { MODEL } from '../../opcua-server/design/model.ts';
import { everyArgument, everyNode } from '../../opcua-server/design/walk.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { ADMINISTRATOR, clientCertificates, TestClient } from './support/client.ts';
import { MemoryGateway } from './support/memory-gateway.ts';

/** A word of the model that somebody gave to a cabinet as its name. */
const NAME = 'Door';

describe('OPC UA in the language of the client', () => {
  let folder: string;
  let certificates: OPCUACertificateManager;
  let server: OpcUaServer;
  let client: TestClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    const gateway = new MemoryGateway({ A: 2 });
    gateway.site = { ...gateway.site, cabinets: [{ id: 'A', name: NAME }] };
    server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    certificates = await clientCertificates(folder);
  });

  afterEach(async () => {
    await client?.close();
  });

  after(async () => {
    await server?.close();
    await certificates?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function speak(...localeIds: string[]): Promise<void> {
    client = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR, { localeIds });
  }

  async function text(name: string, attribute: AttributeIds): Promise<LocalizedText> {
    return (await client.read(name, attribute)).value.value;
  }

  for (const [locales, language, name, description] of [
    [[], 'en', 'Door', /^What the sensor of the door says/],
    [['de-DE'], 'en', 'Door', /^What the sensor of the door says/],
    [['pl-PL'], 'pl', 'Drzwiczki', /^Co zgłasza czujnik drzwiczek/],
    [['de', 'it'], 'it', 'Sportello', /^Che cosa dice il sensore/],
  ] as const) {
    it(`names and describes types and objects in ${language} for "${locales.join()}"`, async () => {
      await speak(...locales);
      for (const place of ['type/CompartmentType/Door', 'cabinet/A/compartment/1/Door']) {
        const shown = await text(place, AttributeIds.DisplayName);
        expect([shown.locale, shown.text]).to.deep.equal([language, name]);
        const said = await text(place, AttributeIds.Description);
        expect(said.locale).to.equal(language);
        expect(said.text).to.match(description);
      }
      const { references } = await client.session.browse(client.id('cabinet/A/compartment/1'));
      expect(references?.map(({ displayName }) => displayName.text)).to.include(name);
    });
  }

  it('leaves the names that people gave as they are', async () => {
    await speak('pl');
    expect((await text('cabinet/A', AttributeIds.DisplayName)).text).to.equal(NAME);
    const { references } = await client.session.browse(client.id('cabinets'));
    expect(references?.map(({ displayName }) => displayName.text)).to.include(NAME);
  });

  it('translates the words of enumerations and the descriptions of arguments', async () => {
    await speak('it');
    const words = (await client.read('type/DoorStateEnumeration/EnumStrings')).value.value as LocalizedText[];
    expect(words.map((word) => word.text)).to.deep.equal([
      'Sconosciuto',
      'Chiuso',
      'Aperto',
      'Lasciato aperto',
      'Forzato',
    ]);
    const definition = (await client.read('type/DoorStateEnumeration', AttributeIds.DataTypeDefinition)).value
      .value as DTEnumDefinition;
    expect(definition.fields?.map(({ name, displayName }) => [name, displayName.text])).to.deep.equal([
      ['Unknown', 'Sconosciuto'],
      ['Closed', 'Chiuso'],
      ['Open', 'Aperto'],
      ['LeftOpen', 'Lasciato aperto'],
      ['Forced', 'Forzato'],
    ]);
    const inputs = (await client.read('cabinet/A/Open/InputArguments')).value.value as Argument[];
    expect(inputs.map(({ name }) => name)).to.deep.equal(['Compartment', 'Reason']);
    expect(inputs[0]?.description.text).to.match(/^Numero dello scomparto/);
  });

  it('defines every enumeration for clients that load types: numbers, names in programs, names for people', async () => {
    await speak();
    for (const { browse, values } of MODEL.enumerations) {
      const { statusCode, value } = await client.read(`type/${browse}`, AttributeIds.DataTypeDefinition);
      expect(statusCode.name, browse).to.equal('Good');
      const { fields } = value.value as DTEnumDefinition;
      expect(
        fields?.map((each) => [each.name, Number(each.value[1]), each.displayName.text]),
        browse,
      ).to.deep.equal(values.map(({ field, number, name }) => [field, number, name.en]));
    }
  });

  it('has every word of the model in three languages', () => {
    const sentences: Sentence[] = [
      ...[...everyNode(MODEL)].flatMap(({ name, description }) => [name, description]),
      ...MODEL.enumerations.flatMap(({ values }) => values.map(({ name }) => name)),
      ...everyArgument(MODEL).map(({ description }) => description),
    ];
    for (const sentence of sentences) {
      for (const language of LANGUAGES) expect(sentence[language], sentence.en).to.match(/\S/);
    }
    expect(sentences.length).to.be.greaterThan(400);
  });

  it('says the same of arguments that are described in the same English words', () => {
    const known = new Map<string, Sentence>();
    for (const { description } of everyArgument(MODEL)) {
      expect(known.get(description.en) ?? description).to.deep.equal(description);
      known.set(description.en, description);
    }
  });
});
