import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { opcuaCommandFor, opcuaLines } from '../../scripts/opcua-commands.ts';
import { temporaryFolder } from '../support/store.ts';

describe('what is typed about OPC UA', () => {
  let folder: string;
  let file: string;

  before(async () => {
    folder = await temporaryFolder();
    file = join(folder, 'certificate.pem');
    await writeFile(file, 'a certificate');
  });

  after(() => rm(folder, { recursive: true }));

  it('becomes a command, with the content of the file that is named', async () => {
    for (const [name, values, command] of [
      ['opcua-clients', {}, { do: 'list-opcua-clients' }],
      ['trust-client', { thumbprint: 'AB' }, { do: 'trust-opcua-client', thumbprint: 'AB' }],
      ['trust-client', {}, { do: 'trust-opcua-client' }],
      ['distrust-client', { thumbprint: 'AB' }, { do: 'distrust-opcua-client', thumbprint: 'AB' }],
      ['opcua-csr', {}, { do: 'request-opcua-certificate' }],
      ['opcua-certificate', {}, { do: 'show-opcua-certificate' }],
      ['opcua-certificate', { file }, { do: 'install-opcua-certificate', certificate: 'a certificate' }],
      [
        'add-certificate',
        { user: 'u', file },
        { do: 'add-certificate', user: 'u', certificate: 'a certificate' },
      ],
      ['add-certificate', {}, { do: 'add-certificate' }],
      ['open', {}, undefined],
    ] as const) {
      expect(await opcuaCommandFor(name, values)).to.deep.equal(command);
    }
  });

  it('is answered in lines', () => {
    const client = {
      trust: 'rejected',
      thumbprint: 'ab'.repeat(20),
      subject: 'CN=SCADA',
      applicationUri: 'urn:scada',
      validFrom: '2026-01-01T00:00:00.000Z',
      validUntil: '2027-01-01T00:00:00.000Z',
      seen: '2026-03-01T08:00:00.000Z',
    };
    expect(opcuaLines('opcua-clients', [client])).to.deep.equal([
      'rejected  CN=SCADA',
      `  thumbprint   ${'ab'.repeat(20)}`,
      '  application  urn:scada',
      '  valid        2026-01-01T00:00:00.000Z to 2027-01-01T00:00:00.000Z',
      '  seen         2026-03-01T08:00:00.000Z',
    ]);
    const { seen: _seen, applicationUri: _uri, ...plain } = client;
    expect(opcuaLines('trust-client', plain)?.at(-1)).to.equal('  seen         not since the start');
    expect(opcuaLines('opcua-clients', [])).to.deep.equal(['No client has tried to connect yet.']);
    expect(opcuaLines('opcua-csr', 'REQUEST\n')).to.deep.equal(['REQUEST']);
    const own = { ...client, issuer: 'CN=SCADA' };
    expect(opcuaLines('opcua-certificate', own)).to.include('  issued by    itself');
    expect(opcuaLines('opcua-certificate', { ...own, issuer: 'CN=CA' })).to.include('  issued by    CN=CA');
    expect(opcuaLines('users', [])).to.equal(undefined);
  });
});
