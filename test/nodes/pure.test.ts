/** What of the nodes is pure: migrations, errors, choices, references. */
import { expect } from 'chai';
import { isChosen, parseChoice } from '../../nodes/choice.ts';
import { migrate, withDefaults } from '../../nodes/config-version.ts';
import { explain, NodeError } from '../../nodes/errors.ts';
import { contextOf, referenceIn } from '../../nodes/message.ts';
import { busStatus } from '../../nodes/status.ts';

describe('stored settings of a node', () => {
  const migrations = [
    withDefaults({ name: '', door: 'front' }),
    (settings: object) => ({ ...settings, doors: [(settings as { door: string }).door] }),
  ];

  it('of no version are brought up to date', () => {
    expect(migrate({ id: 'n', type: 't' }, migrations)).to.deep.equal({
      id: 'n',
      type: 't',
      name: '',
      door: 'front',
      doors: ['front'],
      configVersion: 2,
    });
  });

  it('of an older version run through the later steps only', () => {
    expect(migrate({ configVersion: 1, door: 'back' }, migrations)).to.deep.equal({
      configVersion: 2,
      door: 'back',
      doors: ['back'],
    });
  });

  it('of the current version stay as they are', () => {
    expect(migrate({ configVersion: 2, doors: [] }, migrations)).to.deep.equal({
      configVersion: 2,
      doors: [],
    });
  });

  it('of a newer version are refused', () => {
    expect(() => migrate({ id: 'n7', type: 'sezam-lock', configVersion: 3 }, migrations))
      .to.throw(NodeError, 'n7')
      .with.property('code', 'settings-too-new');
  });

  for (const version of ['2', -1, 1.5, null, Number.NaN]) {
    it(`with the odd version ${String(version)} count as having none`, () => {
      expect(migrate({ configVersion: version }, migrations)).to.include({ configVersion: 2, door: 'front' });
    });
  }

  it('are not changed in place', () => {
    const stored = Object.freeze({ id: 'n' });
    migrate(stored, migrations);
    expect(stored).to.deep.equal({ id: 'n' });
  });
});

describe('the mapping of errors', () => {
  it('keeps a coded error as it is', () => {
    const error = Object.assign(new Error('gone'), { code: 'store-unavailable' });
    expect(explain(error).error).to.equal(error);
    expect(explain(error).status.key).to.equal('failed');
  });

  it('gives any other error a code and keeps it as the cause', () => {
    const error = new RangeError('odd');
    expect(explain(error).error).to.include({ code: 'unexpected-error', message: 'odd', cause: error });
  });

  for (const thrown of ['text', 7, null, undefined, { code: 'fake' }]) {
    it(`copes with ${JSON.stringify(thrown)} being thrown`, () => {
      expect(explain(thrown).error).to.be.instanceOf(Error).and.include({ code: 'unexpected-error' });
    });
  }

  const statuses: [ConstructorParameters<typeof NodeError>[0], string][] = [
    ['gateway-not-configured', 'not-configured'],
    ['gateway-not-running', 'no-gateway'],
    ['message-without-grant', 'bad-message'],
    ['bytes-expected', 'bad-message'],
    ['settings-too-new', 'not-configured'],
    ['unexpected-error', 'failed'],
  ];
  for (const [code, key] of statuses) {
    it(`shows ${code} as ${key}`, () => {
      expect(explain(new NodeError(code, 'x')).status.key).to.equal(key);
    });
  }
});

describe('choices', () => {
  it('of nothing let everything pass', () => {
    expect(isChosen(parseChoice(' , '), 'anything')).to.equal(true);
  });

  it('of something let only that pass', () => {
    const choice = parseChoice('opened, closed');
    expect(['opened', 'closed', 'forced', ''].filter((value) => isChosen(choice, value))).to.deep.equal([
      'opened',
      'closed',
    ]);
  });
});

describe('messages', () => {
  it('bring their reference', () => {
    expect(referenceIn({ grant: 'g' }, 'grant')).to.equal('g');
  });

  it('keep where it happened and nothing that opens anything', () => {
    const payload = {
      reader: 'r',
      cabinet: 'A',
      user: 'u',
      grant: 'g',
      identity: 'i',
      presentation: 'p',
      pin: '1234',
    };
    expect(contextOf(payload)).to.deep.equal({ reader: 'r', cabinet: 'A', user: 'u' });
    expect(contextOf('text')).to.deep.equal({});
    expect(contextOf({ reader: 7 })).to.deep.equal({});
  });
});

describe('the status of a bus', () => {
  const states = [
    ['connecting', 'yellow', 'ring'],
    ['connected', 'green', 'dot'],
    ['lost', 'red', 'ring'],
    ['stopped', 'grey', 'ring'],
  ] as const;
  for (const [state, fill, shape] of states) {
    it(`${state} is a ${fill} ${shape}`, () => {
      expect(busStatus(state)).to.include({ fill, shape });
    });
  }
});
