import { execFile } from 'node:child_process';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { romOf, romText } from '../../../domain/one-wire.ts';
import type { AppendOutcome } from '../../../gateway/event-log/event-store.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/store.ts';
import { BadInput } from './support/bad-input.ts';
import { ROMS } from './support/cassettes-at-work.ts';

const run = promisify(execFile);
const DAY = 24 * 3_600_000;
const QUICK = { milliseconds: 0, againAfterSeconds: 0.5, goneAfterMilliseconds: 250 };

describe('bad input to a cassette', () => {
  let bad: BadInput;

  afterEach(() => bad.end());

  describe('at its reader', () => {
    it('a bouncing key disarms nothing', async () => {
      bad = await BadInput.begin({ contact: { ...QUICK, milliseconds: 5_000 } });
      await bad.arm();
      for (let contact = 0; contact < 5; contact += 1) {
        bad.simulator.touchKey(ROMS.K);
        await bad.samples(1);
        bad.simulator.leaveKey();
        await bad.samples(1);
      }
      await eventually('it is on record', () => bad.work.refusals('C1').length > 0);
      expect(new Set(bad.work.refusals('C1'))).to.deep.equal(new Set(['key-contact-short']));
      expect(bad.phase).to.equal('full');
    });

    it('a key during firing is refused', async () => {
      bad = await BadInput.begin({ contact: QUICK });
      await bad.arm();
      bad.simulator.spoilReplies('drop', 1_000, 'prepare');
      bad.simulator.openLid();
      await bad.work.heard('C1', 'attack-confirmed');
      await bad.refused(ROMS.K, 1);
      expect(bad.work.refusals('C1')).to.deep.equal(['attack-under-way']);
      bad.simulator.spoilNothing();
      await bad.fired();
      expect(bad.phase).to.equal('stained');
    });

    const KEYS = [
      [
        'an unknown key of an unknown family',
        romText(romOf(0x6e, Uint8Array.of(1, 2, 3, 4, 5, 6))),
        'key-unknown',
      ],
      ['a number with a wrong checksum', '01FA525810000010', 'key-wrong-checksum'],
      ['an all-zero number', '0'.repeat(16), 'key-all-zero'],
    ] as const;
    for (const [what, rom, code] of KEYS) {
      it(`${what} is refused, and on record with all its digits`, async () => {
        bad = await BadInput.begin({ contact: QUICK });
        await bad.arm();
        await bad.refused(rom, 1);
        expect(bad.work.refusals('C1')).to.deep.equal([code]);
        expect(bad.work.events('C1', 'key-refused')[0]?.data.rom).to.equal(rom);
        expect(bad.phase).to.equal('full');
        expect(bad.simulator.firings).to.equal(0);
      });
    }

    it('two keys at once are both refused', async () => {
      bad = await BadInput.begin({ contact: { ...QUICK, milliseconds: 5_000 } });
      await bad.arm();
      bad.simulator.touchKey(ROMS.K);
      bad.simulator.touchKey(ROMS.K1);
      await eventually('both have their answer', () => bad.work.refusals('C1').length >= 2);
      expect(bad.work.refusals('C1')).to.deep.equal(['two-keys', 'two-keys']);
      const roms = bad.work.events('C1', 'key-refused').map(({ data }) => data.rom);
      expect(roms).to.have.members([ROMS.K, ROMS.K1]);
      expect(bad.phase).to.equal('full');
    });
  });

  describe('on its line', () => {
    /** Samples with an open lid, from when that was of no matter. */
    async function recorded(): Promise<readonly Buffer[]> {
      const actor = { kind: 'administrator', id: 'anna' } as const;
      const order = { do: 'command', cassette: 'C1', actor, reason: 'test' } as const;
      await eventually('the first sample', () => bad.work.view('C1').readings?.selfTest === 'passed');
      expect(bad.work.ask({ ...order, command: { do: 'enter-service' } }).ok).to.equal(true);
      bad.simulator.openLid();
      await eventually('the lid is open', () => bad.work.view('C1').readings?.lidOpen === true);
      await bad.samples(5);
      const replies = bad.simulator.replies.slice(-5);
      bad.simulator.closeLid();
      await eventually('the lid is closed', () => bad.work.view('C1').readings?.lidOpen === false);
      // A sensor that was active a moment ago is waited for.
      await eventually(
        'service is finished',
        () => bad.work.ask({ ...order, command: { do: 'finish-service', loaded: true } }).ok,
      );
      return replies;
    }

    it('samples that are replayed, in order or not, fire nothing', async () => {
      bad = await BadInput.begin({ contact: QUICK });
      const replies = await recorded();
      await bad.arm();
      for (const reply of [...replies, ...replies.toReversed()]) {
        bad.simulator.sendRaw(reply);
        await bad.samples(1);
      }
      await bad.work.heard('C1', 'frames-rejected');
      expect(bad.work.events('C1', 'frames-rejected')[0]?.data.reason).to.equal('replayed');
      expect(bad.simulator.firings).to.equal(0);
      expect(bad.phase).to.equal('full');
      // An attack is still one.
      bad.simulator.openLid();
      await bad.fired();
    });

    for (const how of ['truncate', 'corrupt', 'drop'] as const) {
      it(`frames of which each one is spoilt (${how}) neither fire nor disarm, and the link comes back`, async () => {
        bad = await BadInput.begin({ contact: QUICK });
        await bad.arm();
        bad.simulator.touchKey(ROMS.K);
        bad.simulator.spoilReplies(how, 10_000);
        await bad.work.heard('C1', 'link-lost');
        expect(bad.phase).to.equal('full');
        bad.simulator.leaveKey();
        bad.simulator.spoilNothing();
        await bad.work.heard('C1', 'link-restored', 2);
        expect(bad.simulator.firings).to.equal(0);
        expect(bad.phase).to.equal('full');
        bad.simulator.openLid();
        await bad.fired();
      });
    }

    it('a sensor that flaps at its threshold is told of, and fires nothing', async () => {
      bad = await BadInput.begin({
        unsteady: { changes: 4, windowSeconds: 3_600 },
        gas: { warningPercent: 10, criticalPercent: 20, hysteresisPercent: 0 },
        sensors: { gas: { debounceMilliseconds: 60_000 } },
      });
      await bad.arm();
      for (let time = 0; time < 6; time += 1) {
        const gas = time % 2 === 0 ? 20 : 19;
        bad.simulator.setGas(gas);
        await eventually('it is measured', () => bad.work.view('C1').readings?.gas === gas);
      }
      await bad.work.heard('C1', 'sensor-unsteady');
      expect(bad.work.events('C1', 'sensor-unsteady')).to.have.length(1);
      expect(bad.simulator.firings).to.equal(0);
      expect(bad.phase).to.equal('full');
    });
  });

  it('a wall clock that is set, back or ahead, ends no grace time and lets no key in', async () => {
    bad = await BadInput.begin({ mode: 'internal-protected-zone', contact: QUICK, checkpointSeconds: 1 });
    await bad.work.arm('C1', bad.simulator, ROMS.K1);
    expect(bad.phase).to.equal('grace');
    const before = bad.work.view('C1').left.grace ?? 0;
    for (const by of [-DAY, 3 * DAY, -DAY]) {
      bad.clock.set(by);
      const checkpoints = bad.work.events('C1', 'time-checkpoint').length;
      await bad.work.heard('C1', 'time-checkpoint', checkpoints + 1);
      const { phase, left } = bad.work.view('C1');
      expect(phase).to.equal('grace');
      expect(left.grace).to.be.within(1, before);
    }
    // Started again a day earlier than it was left: the same time is left.
    bad.clock.set(-DAY);
    const left = bad.work.view('C1').left.grace ?? 0;
    await bad.work.runtime.stop();
    await bad.start();
    expect(bad.phase).to.equal('grace');
    expect(bad.work.view('C1').left.grace).to.be.within(1, left + 2_000);
    await bad.work.heard('C1', 'link-restored');
    expect(bad.simulator.firings).to.equal(0);
    const other = bad.work.ask({ do: 'touch', cassette: 'C1', reader: 'elsewhere', rom: ROMS.K });
    expect(other).to.have.nested.property('refusal.code', 'key-has-no-effect-here');
  });

  describe('from its disk', () => {
    it('a full journal keeps nothing from staining, and is emptied when the store is back', async () => {
      const stored: string[] = [];
      let away = true;
      const ship = (events: readonly { readonly type: string }[]): Promise<AppendOutcome[] | undefined> => {
        if (away) return Promise.resolve(undefined);
        stored.push(...events.map(({ type }) => type));
        return Promise.resolve(events.map(() => 'stored'));
      };
      bad = await BadInput.begin({ contact: QUICK }, { journalLimit: 6_000, ship });
      await bad.arm();
      for (let time = 0; time < 40; time += 1) {
        bad.work.ask({ do: 'area', cassette: 'C1', inside: time % 2 === 1, source: 'test' });
      }
      await eventually('the journal is full', () => bad.work.records.trouble !== undefined);
      expect(bad.work.records.trouble).to.include('may hold 6000');
      bad.simulator.openLid();
      await bad.fired();
      away = false;
      await eventually('everything is stored', () => bad.work.records.waiting === 0);
      expect(bad.work.records).to.deep.equal({ waiting: 0 });
      expect(stored.filter((type) => type.startsWith('area-'))).to.have.length(40);
      expect(stored).to.include.members(['attack-confirmed', 'stained']);
      expect(stored).not.to.include('records-lost');
    });

    it('a record that was torn and cannot be set aside keeps nothing from being guarded', async () => {
      bad = await BadInput.begin();
      await bad.arm();
      await bad.work.runtime.stop();
      await appendFile(join(bad.folder, 'journal.log'), Buffer.from('0000010012345678torn', 'latin1'));
      await mkdir(join(bad.folder, 'torn.bin'));
      await bad.start();
      expect(bad.phase).to.equal('full');
      await bad.work.heard('C1', 'link-restored');
      await bad.work.runtime.stop();
      // What was written over it is read again.
      await bad.start();
      expect(bad.phase).to.equal('full');
      bad.simulator.openLid();
      await bad.fired();
    });

    it('a disk that is really full keeps nothing from staining', async () => {
      bad = await BadInput.begin();
      const folder = await temporaryFolder();
      try {
        // A limit on the size of files ends a write in the middle, as the last free block of a disk does.
        const script = join(import.meta.dirname, 'support', 'full-disk-host.ts');
        const shell = ['-c', 'ulimit -f 4; exec "$0" "$@"', process.execPath, script, folder];
        const { stdout } = await run('bash', shell, { timeout: 40_000 });
        const { firings, phase, trouble, waiting } = JSON.parse(stdout) as Record<string, unknown>;
        expect({ firings, phase }).to.deep.equal({ firings: 1, phase: 'stained' });
        expect(trouble).to.include('The journal could not be written');
        expect(waiting).to.be.greaterThan(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('between prepare and fire', () => {
    it('a power cut of the controller: it falls back, and is told again when it answers', async () => {
      bad = await BadInput.begin();
      await bad.arm();
      let cuts = 0;
      bad.simulator.on(({ type, ...event }) => {
        if (type !== 'stainer' || (event as { state?: string }).state !== 'prepared' || cuts > 0) return;
        cuts += 1;
        bad.simulator.restart();
        expect(bad.simulator.stainer).not.to.equal('prepared');
        expect(bad.simulator.firings).to.equal(0);
      });
      bad.simulator.openLid();
      await bad.fired();
      expect(cuts).to.equal(1);
      await bad.work.heard('C1', 'link-restored', 2);
    });

    it('a power cut of the gateway: nothing fires by itself afterwards, and an attack that lasts does', async () => {
      bad = await BadInput.begin();
      await bad.arm();
      const prepared = new Promise<void>((resolve) => {
        bad.simulator.on((event) => {
          if (event.type === 'stainer' && event.state === 'prepared') resolve();
        });
      });
      bad.simulator.spoilReplies('drop', 10_000, 'prepare');
      bad.simulator.openLid();
      await prepared;
      await bad.work.runtime.stop();
      bad.simulator.closeLid();
      bad.simulator.spoilNothing();
      await eventually('it has fallen back', () => bad.simulator.stainer === 'ready');
      await bad.start();
      await bad.work.heard('C1', 'cassette-restarted');
      expect(bad.work.events('C1', 'cassette-restarted')[0]?.data).to.deep.equal({
        phase: 'full',
        interrupted: 'lid',
      });
      await bad.work.heard('C1', 'link-restored');
      await bad.samples(5);
      expect(bad.simulator.firings).to.equal(0);
      expect(bad.phase).to.equal('full');
      bad.simulator.openLid();
      await bad.fired();
    });
  });
});
