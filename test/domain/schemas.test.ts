import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { loadSchemas } from '../../config/modes.ts';
import { ADMINISTRATOR, CabinetUnderTest, SCHEMAS, setting } from './support/cabinet.ts';

/** Every schema of the source, mode by mode. */
const NUMBERS = [
  ...['1.1', '2.1', '2.2', '2.3', '2.4', '3.1', '3.2', '3.3'],
  ...['4.1', '4.2', '4.3', '4.4', '5.1', '5.2', '6.1', '6.2', '6.3'],
];

const release = { input: 'release', actor: ADMINISTRATOR, reason: 'left the company' } as const;

describe('schema 2.2: first free of the cabinet, from then on that one', () => {
  it('gives the lowest free number and keeps it', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    expect(cabinet.uses('anna')).to.equal(1);
    expect(cabinet.uses('bert')).to.equal(2);
    expect(cabinet.uses('anna')).to.equal(1);
    expect(cabinet.compartment(1).holders).to.deep.equal(['anna']);
  });

  it('skips what is blocked, open, out of order or on a silent board', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    cabinet.put({ input: 'block', actor: ADMINISTRATOR, reason: 'wet', compartment: 1 });
    cabinet.put({ input: 'door', compartment: 2, open: true, expected: false, afterAbsence: false });
    cabinet.ask('anna');
    cabinet.put({
      input: 'lock-failed',
      compartment: 3,
      grant: cabinet.grantOf(3),
      cause: 'door-did-not-open',
      attempts: 3,
    });
    expect(cabinet.compartment(3).outOfOrder).to.equal('door-did-not-open');
    expect(cabinet.ask('anna')).to.equal(4);
    cabinet.put({ input: 'board', board: 'right', answers: false });
    expect(cabinet.ask('bert')).to.equal('cabinet-not-answering');
  });

  it('says when all are taken', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    for (const user of ['anna', 'bert', 'carl', 'dora']) cabinet.uses(user);
    expect(cabinet.ask('emma')).to.equal('no-free-compartment');
  });

  it('gives nothing whose door has never been heard of', () => {
    expect(new CabinetUnderTest(setting('2.2')).ask('anna')).to.equal('cabinet-not-answering');
  });

  it('frees the compartment when the right is withdrawn', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    cabinet.uses('anna');
    cabinet.put({ ...release, compartment: 1 });
    expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
    expect(cabinet.uses('bert')).to.equal(1);
  });

  it('leaves no compartment to be assigned by hand', () => {
    expect(CabinetUnderTest.ready(setting('2.2')).assign(1, 'anna')).to.equal('not-assignable');
  });

  it('serves only the user groups of the cabinet, where it names any', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2', { userGroups: ['staff', 'night'] }));
    expect(cabinet.ask('anna')).to.equal('no-right-to-cabinet');
    expect(cabinet.ask('anna', 'guests')).to.equal('no-right-to-cabinet');
    expect(cabinet.ask('anna', 'guests', 'night')).to.equal(1);
  });
});

describe('schema 2.3: first free of the group, from then on that one', () => {
  it('gives the lowest free number of the groups that the user was given', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    expect(cabinet.uses('anna', 'night')).to.equal(3);
    expect(cabinet.uses('bert', 'night')).to.equal(4);
    expect(cabinet.uses('anna', 'night')).to.equal(3);
    expect(cabinet.ask('carl', 'night')).to.equal('no-free-compartment');
  });

  it('gives nothing to those whom no group was given', () => {
    expect(CabinetUnderTest.ready(setting('2.3')).ask('anna', 'day')).to.equal('no-group-given');
  });

  it('leaves a compartment to its user when they leave the group', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    cabinet.uses('anna', 'night');
    expect(cabinet.uses('anna')).to.equal(3);
  });
});

describe('schema 1.1: assigned to one for good', () => {
  it('opens the assigned compartment, again and again, and no other', () => {
    const cabinet = CabinetUnderTest.ready(setting('1.1'));
    expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
    expect(cabinet.assign(3, 'anna')).to.equal('done');
    expect(cabinet.uses('anna')).to.equal(3);
    expect(cabinet.uses('anna')).to.equal(3);
  });

  it('assigns to one user only, and one compartment only', () => {
    const cabinet = CabinetUnderTest.ready(setting('1.1'));
    cabinet.assign(3, 'anna');
    expect(cabinet.assign(3, 'bert')).to.equal('compartment-assigned-to-another');
    expect(cabinet.assign(2, 'anna')).to.equal('already-assigned');
    expect(cabinet.assign(9, 'bert')).to.equal('compartment-unknown');
  });

  it('opens nothing once the right is withdrawn', () => {
    const cabinet = CabinetUnderTest.ready(setting('1.1'));
    cabinet.assign(3, 'anna');
    cabinet.put({ ...release, input: 'withdraw', user: 'anna', compartment: 3 });
    expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
  });
});

describe('schema 2.4: assigned to several, who use it in turn', () => {
  it('opens for each of them', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.4'));
    cabinet.assign(2, 'anna');
    cabinet.assign(2, 'bert');
    expect(cabinet.uses('anna')).to.equal(2);
    expect(cabinet.uses('bert')).to.equal(2);
    expect(cabinet.ask('carl')).to.equal('no-compartment-assigned');
  });

  it('stays occupied since the first assignment until the last right is withdrawn', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.4'));
    cabinet.assign(2, 'anna');
    const since = cabinet.now;
    cabinet.assign(2, 'bert');
    cabinet.put({ ...release, input: 'withdraw', user: 'anna', compartment: 2 });
    expect(cabinet.compartment(2)).to.include({ occupiedSince: since });
    expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
    expect(cabinet.ask('bert')).to.equal(2);
    cabinet.put({ ...release, input: 'withdraw', user: 'bert', compartment: 2 });
    expect(cabinet.compartment(2)).to.include({ occupiedSince: undefined });
  });

  it('makes the second wait while it is being opened for the first', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.4'));
    cabinet.assign(2, 'anna');
    cabinet.assign(2, 'bert');
    cabinet.ask('anna');
    expect(cabinet.ask('bert')).to.equal('compartment-in-use');
  });
});

describe('the modes table', () => {
  it('offers each schema with a flow block of its own, and every block of the folder', async () => {
    const schemas = await loadSchemas();
    expect([...schemas.keys()]).to.deep.equal(NUMBERS);
    for (const [number, schema] of schemas) expect(schema, number).to.equal(SCHEMAS[number]);
    const files = await readdir(new URL('../../domain/schemas/', import.meta.url));
    expect(new Set(schemas.values()).size).to.equal(files.length - 1);
  });

  const wrong: readonly (readonly [name: string, rows: unknown, message: RegExp])[] = [
    ['a block that the source does not have', [{ schema: '1.1', mode: 1, block: 'B18' }], /\[0\]\.block/],
    [
      'a schema that stands twice',
      [
        { schema: '1.1', mode: 1, block: 'B1' },
        { schema: '1.1', mode: 1, block: 'B3' },
      ],
      /\[1\]\.schema: schema 1\.1 stands twice/,
    ],
    ['a seventh mode', [{ schema: '1.1', mode: 7, block: 'B1' }], /\[0\]\.mode/],
  ];
  for (const [name, rows, message] of wrong) {
    it(`refuses ${name}`, async () => {
      const error = await loadSchemas(rows).catch((reason: unknown) => reason);
      expect(error).to.be.an('error').with.property('message').that.matches(message);
    });
  }
});
