import { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { SENSORS } from '../../domain/cassette/readings.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import {
  cassetteCommandFor,
  cassetteLines,
  cassetteRows,
  oneCassette,
} from '../../scripts/cassette-commands.ts';
import { lineFor } from '../../scripts/event-line.ts';
import { askNewPassword, askPersons } from '../../scripts/persons.ts';

const OLGA = { login: 'olga', password: 'first secret' };
const ADAM = { login: 'adam', password: 'second secret' };
const TYPED = { cassette: ['C1'], reason: 'trial' };
const ASKED = { do: 'command-cassette', cassette: 'C1', reason: 'trial' } as const;
const ROM = '01606CBF03000021';

describe('commands about cassettes as they are typed', () => {
  let asked: (readonly string[])[];

  beforeEach(() => {
    asked = [];
  });

  async function typed(name: string, values: Parameters<typeof cassetteCommandFor>[1]): Promise<unknown> {
    return cassetteCommandFor(name, values, (who) => {
      asked.push(who);
      return Promise.resolve([OLGA, ADAM].slice(0, who.length));
    });
  }

  for (const { name, values = TYPED, command, persons = 0 } of [
    { name: 'cassettes', values: {}, command: { do: 'list-cassettes' } },
    { name: 'cassette', command: { do: 'show-cassette', cassette: 'C1' } },
    { name: 'self-test', command: { ...ASKED, command: { do: 'self-test' } } },
    { name: 'end-test', command: { ...ASKED, command: { do: 'end-test' } } },
    { name: 'begin-test', command: { ...ASKED, command: { do: 'begin-test' } }, persons: 1 },
    { name: 'confirm-key', command: { ...ASKED, command: { do: 'confirm-key' } }, persons: 1 },
    { name: 'service', command: { ...ASKED, command: { do: 'enter-service' } }, persons: 1 },
    {
      name: 'service',
      values: { ...TYPED, minutes: '1.5', second: true },
      command: { ...ASKED, command: { do: 'enter-service', lasts: 90_000 } },
      persons: 2,
    },
    {
      name: 'finish-service',
      values: { ...TYPED, loaded: true },
      command: { ...ASKED, command: { do: 'finish-service', loaded: true } },
      persons: 1,
    },
    { name: 'override-key', command: { ...ASKED, command: { do: 'override-key' } }, persons: 2 },
    { name: 'reset-cassette', command: { ...ASKED, command: { do: 'reset-stained' } }, persons: 2 },
    {
      name: 'reset-cassette',
      values: { ...TYPED, alone: true },
      command: { ...ASKED, command: { do: 'reset-stained' } },
      persons: 1,
    },
    { name: 'keys', values: {}, command: { do: 'list-keys' } },
    {
      name: 'add-key',
      values: { id: 'K7', role: ['K1'], rom: ROM },
      command: { do: 'add-key', id: 'K7', role: 'K1', rom: ROM, cassettes: [], duress: false },
    },
    {
      name: 'add-key',
      values: {
        id: 'K7',
        role: ['K2'],
        rom: ROM,
        cassette: ['C1', 'C2'],
        duress: true,
        'valid-until': '2027-01-31',
      },
      command: {
        do: 'add-key',
        id: 'K7',
        role: 'K2',
        rom: ROM,
        cassettes: ['C1', 'C2'],
        duress: true,
        validUntil: '2027-01-31',
      },
    },
    {
      name: 'revoke-key',
      values: { id: 'K7', reason: 'lost' },
      command: { do: 'revoke-key', id: 'K7', reason: 'lost' },
    },
    { name: 'dance', command: undefined },
  ]) {
    it(`makes a command of ${name} ${JSON.stringify(values)}, and asks ${persons} persons`, async () => {
      const identified = {
        ...(persons > 0 && { person: OLGA }),
        ...(persons > 1 && { second: ADAM }),
      };
      expect(await typed(name, values)).to.deep.equal(command && { ...command, ...identified });
      expect(asked.map((who) => who.length)).to.deep.equal(persons === 0 ? [] : [persons]);
    });
  }

  it('asks for nobody’s password where no cassette, or more than one, was named', async () => {
    for (const cassette of [[], ['C1', 'C2']]) {
      const failed = await typed('service', { ...TYPED, cassette }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failed).to.be.instanceOf(Error).with.property('message', 'Name one cassette: --cassette C.');
    }
    expect(asked).to.deep.equal([]);
    expect(oneCassette({ cassette: ['C2'] })).to.equal('C2');
  });

  for (const minutes of ['', 'ten', '0', '-1']) {
    it(`takes no "${minutes}" for minutes`, async () => {
      const failed = await typed('service', { ...TYPED, minutes }).catch((error: unknown) => error);
      expect(String(failed)).to.include(`not "${minutes}"`);
    });
  }
});

describe('people at the terminal', () => {
  let shown: string;

  beforeEach(() => {
    shown = '';
  });

  function typing(lines: readonly string[], terminal: boolean) {
    const output = new Writable({
      write(chunk, _encoding, written) {
        shown += String(chunk);
        written();
      },
    });
    const input = Object.assign(Readable.from(lines.map((line) => `${line}\n`)), { isTTY: terminal });
    return { input, output };
  }

  const ask = (lines: readonly string[], terminal: boolean) =>
    askPersons(['First person', 'Second person'], typing(lines, terminal));

  it('say who they are, and no password is shown', async () => {
    const typed = [OLGA.login, OLGA.password, ADAM.login, ADAM.password];
    expect(await ask(typed, true)).to.deep.equal([OLGA, ADAM]);
    expect(shown).to.include('First person, password: ').and.include('Second person, login: ');
    expect(shown).to.not.include('secret');
  });

  it('can be a pipe, which is asked nothing', async () => {
    const typed = [OLGA.login, OLGA.password, ADAM.login, ADAM.password];
    expect(await ask(typed, false)).to.deep.equal([OLGA, ADAM]);
    expect(shown).to.equal('');
  });

  it('type a new password twice, the same way', async () => {
    expect(await askNewPassword(typing(['old secret', 'new secret', 'new secret'], true))).to.deep.equal({
      current: 'old secret',
      next: 'new secret',
    });
    expect(shown).to.include('New password again: ').and.not.include('secret');
    const failed = await askNewPassword(typing(['old', 'new', 'news'], false)).catch(
      (error: unknown) => error,
    );
    expect(String(failed)).to.include('not typed the same way twice');
  });

  it('have to say everything', async () => {
    const failed = await ask([OLGA.login, OLGA.password], false).catch((error: unknown) => error);
    expect(String(failed)).to.include('before "Second person, login:" was answered');
  });
});

describe('answers about cassettes', () => {
  const view: CassetteView = {
    id: 'C1',
    name: 'Cassette 1',
    mode: 'internal-protected-zone',
    phase: 'grace',
    subState: 'pre-alarm',
    linked: true,
    sensors: SENSORS.map((sensor) => ({
      sensor,
      live: sensor === 'lid' || sensor === 'break-in',
      active: sensor === 'lid' || sensor === 'tilt',
      confirmed: sensor === 'tilt',
      unsteady: sensor === 'light',
    })),
    readings: {
      lidOpen: true,
      brokenIn: false,
      shocks: [],
      displaced: false,
      temperature: 21,
      inMachine: false,
      notes: 'present',
      battery: 'ok',
      power: 'battery',
      ink: 'ok',
      trigger: 'ok',
      selfTest: 'passed',
      stainer: 'ready',
    },
    gasLevel: 'none',
    signal: 'pre-alarm',
    antiGas: false,
    left: { grace: 61_000 },
    lastKey: { key: 'K7', role: 'K1', accepted: true, at: 0 },
    transportOverdue: true,
    outsideArea: false,
    proved: [],
  };

  it('are rows of a table', () => {
    expect(cassetteRows([view, { ...view, subState: 'none', linked: false, left: {} }])).to.deep.equal([
      {
        cassette: 'C1',
        name: 'Cassette 1',
        mode: 'internal-protected-zone',
        state: 'grace',
        within: 'pre-alarm',
        controller: 'answers',
        active: 'lid?, tilt',
        left: 'grace 1 min 1 s',
        signal: 'pre-alarm',
      },
      {
        cassette: 'C1',
        name: 'Cassette 1',
        mode: 'internal-protected-zone',
        state: 'grace',
        within: '',
        controller: 'silent',
        active: 'lid?, tilt',
        left: '',
        signal: 'pre-alarm',
      },
    ]);
  });

  it('say everything about one', () => {
    const lines = cassetteLines(view);
    expect(lines[0]).to.equal('C1: Cassette 1');
    expect(lines).to.include('  state       grace, countdown before staining');
    expect(lines).to.include('  live        lid, break-in');
    expect(lines).to.include('  active      lid?, tilt');
    expect(lines).to.include('  unsteady    light');
    expect(lines).to.include('  time left   grace 1 min 1 s');
    expect(lines).to.include('  warnings    on its way for too long');
    expect(lines).to.include('  last key    K7 (K1), accepted, 1970-01-01T00:00:00.000Z');
    expect(lines).to.include('  stainer     ready');
    expect(cassetteLines({ ...view, cause: 'lid', phase: 'stained' })).to.include(
      '  cause       opening of the lid',
    );
  });

  it('say of one that is silent what is known', () => {
    const { readings: _unheard, lastKey: _none, ...silent } = view;
    const lines = cassetteLines({ ...silent, linked: false, left: {} });
    expect(lines).to.include('  controller  does not answer');
    expect(lines.join('\n')).to.not.include('undefined');
  });

  it('tell an event that has no number yet', () => {
    const event = { at: '2026-03-01T08:00:00.000Z', stream: 'cassette/C1', type: 'stained', data: {} };
    const texts = { en: 'Notes stained.', pl: 'Banknoty zabarwione.', it: 'Banconote macchiate.' };
    expect(lineFor({ ...event, texts })).to.equal('08:00:00.000  cassette/C1  stained  “Notes stained.”');
    expect(lineFor({ ...event, texts }, 'it')).to.include('“Banconote macchiate.”');
  });
});
