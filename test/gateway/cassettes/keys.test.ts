import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { labelOf, romOf, romText } from '../../../domain/one-wire.ts';
import type { KeyRegistration } from '../../../gateway/cassettes/api.ts';
import { keyStreamOf } from '../../../gateway/cassettes/stream-states.ts';
import { openCommandSocket } from '../../../gateway/command-socket.ts';
import { gatewayId } from '../../../gateway/data-folder.ts';
import { EventRepository } from '../../../models/events.ts';
import { eventPayload } from '../../../nodes/event/event.ts';
import { eventually } from '../../support/eventually.ts';
import { CassettesAtWork, ROMS } from './support/cassettes-at-work.ts';

const ACTOR = { kind: 'machine', id: 'test' } as const;
const SPARE = romText(romOf(1, Uint8Array.of(9, 9, 9, 9, 9, 9)));

/** Every way in which a number could be written. */
function writtenIn(text: string, rom: string): boolean {
  const plain = text.toUpperCase();
  return plain.includes(rom) || plain.includes(labelOf(rom)) || plain.includes(rom.slice(2, 14));
}

describe('Dallas keys of a site', () => {
  let work: CassettesAtWork;
  const shown: string[] = [];

  before(async () => {
    work = await CassettesAtWork.start([{ id: 'C1', mode: 'internal' }]);
    work.gateway.cassettes.onNotice((notice) => shown.push(JSON.stringify(notice)));
    work.gateway.cassettes.onView((view) => shown.push(JSON.stringify(view)));
    await work.register('K');
  });

  after(() => work.close());

  function registered(key: Partial<KeyRegistration>): Promise<string> {
    const whole = { id: 'spare', rom: SPARE, role: 'K', cassettes: [], duress: false, ...key } as const;
    return told(work.started.administration.cassetteKeys.register(whole, ACTOR));
  }

  /** `done`, or the code of the error; its words never hold a number. */
  async function told(work: Promise<void>): Promise<string> {
    try {
      await work;
      return 'done';
    } catch (error) {
      const { code, message } = error as { readonly code: string; readonly message: string };
      shown.push(message);
      return code;
    }
  }

  const wrong: readonly (readonly [string, Partial<KeyRegistration>, string])[] = [
    ['an id of strange characters', { id: 'a b' }, 'field-wrong'],
    ['no id', { id: '' }, 'field-wrong'],
    ['an id that is too long', { id: 'x'.repeat(65) }, 'field-wrong'],
    ['a role that there is not', { role: 'K9' as 'K' }, 'field-wrong'],
    ['a wrong checksum', { rom: '01FA525810000010' }, 'field-wrong'],
    ['zeros', { rom: '0'.repeat(16) }, 'field-wrong'],
    ['a number in small letters', { rom: '01606cbf03000021' }, 'field-wrong'],
    ['a cassette that there is not', { cassettes: ['C9'] }, 'field-wrong'],
    ['an end that is no time', { validUntil: Number.NaN }, 'field-wrong'],
    ['an id that is taken', { id: 'K' }, 'credential-taken'],
    ['a number that is taken', { rom: ROMS.K }, 'credential-taken'],
  ];
  for (const [what, key, code] of wrong) {
    it(`are not registered with ${what}`, async () => {
      const before = work.started.administration.cassetteKeys.list();
      expect(await registered(key)).to.equal(code);
      expect(work.started.administration.cassetteKeys.list()).to.deep.equal(before);
    });
  }

  it('are registered, revoked and given back, each on record, and count at once', async () => {
    const { cassetteKeys: keys } = work.started.administration;
    expect(await told(keys.revoke('nobody', 'lost', ACTOR))).to.equal('credential-unknown');
    expect(await told(keys.restore('nobody', 'found', ACTOR))).to.equal('credential-unknown');
    expect(await registered({ cassettes: ['C1', 'C1'] })).to.equal('done');
    expect(keys.list().at(-1)).to.deep.equal({
      id: 'spare',
      role: 'K',
      family: 'DS1990A',
      ending: '0909',
      cassettes: ['C1'],
      duress: false,
      revoked: false,
    });
    expect(await told(keys.restore('spare', 'found', ACTOR)), 'it was never revoked').to.equal('field-wrong');
    expect(await told(keys.revoke('spare', ' \n', ACTOR))).to.equal('field-wrong');
    expect(await told(keys.revoke('spare', `lost \ud83d ${'x'.repeat(2_000_000)}`, ACTOR))).to.equal('done');
    expect(await told(keys.revoke('spare', 'lost', ACTOR))).to.equal('field-wrong');
    expect((await work.touch('C1', SPARE)).data).to.have.nested.property('refusal.code', 'key-revoked');
    expect(await registered({ id: 'other' }), 'a revoked number is not free').to.equal('credential-taken');
    expect(await told(keys.restore('spare', 'found', ACTOR))).to.equal('done');
    await work.arm('C1');
    expect((await work.touch('C1', SPARE)).data).to.have.nested.property('refusal.code', 'not-the-same-key');
    expect((await work.touch('C1', ROMS.K)).type).to.equal('key-used');
    await work.shipped();
    const stream = keyStreamOf(await gatewayId(work.folder));
    const events = await Array.fromAsync(new EventRepository(work.store.connection).read(stream, 0));
    expect(events.map(({ type }) => type)).to.deep.equal([
      'key-registered',
      'key-registered',
      'key-revoked',
      'key-restored',
    ]);
    const revoked = events[2]?.data as { readonly reason: string } | undefined;
    expect(revoked?.reason).to.match(/^lost \ufffd x+$/);
    expect(revoked?.reason).to.have.length(500);
  });

  it('are refused once their time is over', async () => {
    const rom = romText(romOf(0x08, Uint8Array.of(8, 8, 8, 8, 8, 8)));
    expect(await registered({ id: 'late', rom, validUntil: Date.now() - 1 })).to.equal('done');
    expect((await work.touch('C1', rom)).data).to.have.nested.property('refusal.code', 'key-expired');
  });

  it('are nowhere to be seen outside of the log', async () => {
    const { gateway } = work;
    const socket = await openCommandSocket(join(work.folder, 'c.sock'), gateway, work.started.administration);
    const client = connect(join(work.folder, 'c.sock'));
    await once(client, 'connect');
    const lines: string[] = [];
    createInterface({ input: client }).on('line', (line) => lines.push(line));
    client.write(`${JSON.stringify({ do: 'follow' })}\n`);
    await eventually('it is followed', () => lines.length === 1);
    await work.touch('C1', ROMS.K2);
    await work.arm('C1');
    await eventually('it is told', () => lines.some((line) => line.includes('key-used')));
    client.destroy();
    await socket.close();
    await work.shipped();
    const stream = keyStreamOf(await gatewayId(work.folder));
    const pages: string[] = [];
    for (const asked of ['cassette/C1', stream]) {
      const page = await gateway.queries.events({ stream: asked, limit: 1_000 });
      if (!page.ok) throw new Error(page.refusal.code);
      expect(page.events.length).to.be.greaterThan(3);
      pages.push(JSON.stringify(page.events));
      for (const event of page.events) {
        pages.push(JSON.stringify(eventPayload({ event, cabinet: { setting: { id: 'A' } } } as never)));
      }
    }
    const outside = [...shown, ...lines, ...pages, ...work.troubles].join('\n');
    const list = JSON.stringify(work.started.administration.cassetteKeys.list());
    for (const rom of [...Object.values(ROMS), SPARE]) {
      expect(writtenIn(outside, rom), rom).to.equal(false);
      expect(writtenIn(list, rom), rom).to.equal(false);
    }
    // The log itself has them, as evidence.
    const logged = JSON.stringify(await work.stored('C1'));
    for (const rom of [ROMS.K, ROMS.K2, SPARE]) expect(writtenIn(logged, rom), rom).to.equal(true);
  });
});
