import { expect } from 'chai';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { readSettings } from '../../config/settings.ts';

const WRONG: readonly { readonly given: Readonly<Record<string, string>>; readonly message: string }[] = [
  ...[
    'scada:4840',
    'http://scada:4840',
    'opc.tcp://scada',
    'opc.tcp://scada:0',
    'opc.tcp://scada:65536',
  ].flatMap((url) => [
    {
      given: { SEZAM_OPCUA_DISCOVERY: url },
      message: 'environment: SEZAM_OPCUA_DISCOVERY: must be a URL such as opc.tcp://scada.example.com:4841',
    },
    {
      given: { SEZAM_OPCUA_REVERSE_CONNECT: `opc.tcp://good:1, ${url}` },
      message:
        'environment: SEZAM_OPCUA_REVERSE_CONNECT: must be a URL such as opc.tcp://scada.example.com:4841, or several with commas between',
    },
  ]),
  {
    given: {
      SEZAM_OPCUA_REVERSE_CONNECT: Array.from({ length: 9 }, (_, n) => `opc.tcp://c${n}:1`).join(','),
    },
    message: 'environment: SEZAM_OPCUA_REVERSE_CONNECT: must name at most 8 clients',
  },
  ...['-1', '61', '99', '100', '1.5', 'soon'].map((value) => ({
    given: { SEZAM_OPCUA_STOP_NOTICE: value },
    message: 'environment: SEZAM_OPCUA_STOP_NOTICE: must be a number of seconds from 0 to 60',
  })),
];

describe('Settings of OPC UA from the environment', () => {
  for (const { given, message } of WRONG) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => readSettings(given)).to.throw(ConfigurationError, message);
    });
  }

  it('dials nobody, registers nowhere and gives two seconds of notice where nothing is set', () => {
    expect(readSettings({}).opcua).to.deep.equal({
      reverseConnect: [],
      discoveryServer: undefined,
      stopNotice: 2_000,
    });
  });

  it('reads what is set', () => {
    const { opcua } = readSettings({
      SEZAM_OPCUA_REVERSE_CONNECT: 'opc.tcp://scada.example.com:4841, opc.tcp://10.0.0.7:4842/waiting',
      SEZAM_OPCUA_DISCOVERY: 'opc.tcp://localhost:4840',
      SEZAM_OPCUA_STOP_NOTICE: '60',
    });
    expect(opcua).to.deep.equal({
      reverseConnect: ['opc.tcp://scada.example.com:4841', 'opc.tcp://10.0.0.7:4842/waiting'],
      discoveryServer: 'opc.tcp://localhost:4840',
      stopNotice: 60_000,
    });
  });
});
