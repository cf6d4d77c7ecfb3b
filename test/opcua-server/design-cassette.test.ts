import { expect } from 'chai';
import { CASSETTE_COMMAND_NAMES, CASSETTE_COMMANDS } from '../../opcua-server/cassette-command-table.ts';
import { CASSETTE_NUMBERS } from '../../opcua-server/cassette-enumerations.ts';
import { CASSETTE_VARIABLES } from '../../opcua-server/cassette-variables.ts';
import { CASSETTE_TYPES } from '../../opcua-server/design/cassette.ts';
import { CASSETTE_ENUMERATIONS } from '../../opcua-server/design/cassette-enumerations.ts';
import type { MemberDesign, ModelDesign, VariableDesign } from '../../opcua-server/design/design.ts';
import { membersOf } from '../../opcua-server/design/members.ts';
import { everyNode } from '../../opcua-server/design/walk.ts';
import { CASSETTE_HISTORY } from '../../opcua-server/history/cassette-timeline.ts';

const MODEL: ModelDesign = {
  uri: 'urn:test',
  version: '1.0.0',
  published: new Date(0),
  enumerations: CASSETTE_ENUMERATIONS,
  types: CASSETTE_TYPES,
};

/** Every member of a cassette, those of the objects in it included, by path. */
function cassetteMembers(): ReadonlyMap<string, MemberDesign> {
  const found = new Map<string, MemberDesign>();
  const add = (members: readonly MemberDesign[], above: string): void => {
    for (const member of members) {
      const path = `${above}${member.browse}`;
      found.set(path, member);
      if (member.kind === 'object') add(membersOf(MODEL, member), `${path}/`);
    }
  };
  const type = CASSETTE_TYPES.find(({ browse }) => browse === 'CassetteType');
  if (type) add(membersOf(MODEL, type), '');
  return found;
}

const MEMBERS = cassetteMembers();
const VARIABLES = new Map(
  [...MEMBERS].filter((entry): entry is [string, VariableDesign] => entry[1].kind === 'variable'),
);

describe('the model of cassettes', () => {
  it('declares every variable that a cassette shows, and no other but those of its state machine', () => {
    const declared = [...VARIABLES.keys()].filter((path) => !path.startsWith('Arming/'));
    expect(declared.sort()).to.deep.equal(CASSETTE_VARIABLES.map(({ path }) => path).sort());
  });

  it('declares every method, with what it takes', () => {
    const methods = [...MEMBERS].flatMap(([path, member]) =>
      member.kind === 'method' ? [[path, member.inputs.map(({ name }) => name)] as const] : [],
    );
    expect(methods.map(([path]) => path).sort()).to.deep.equal([...CASSETTE_COMMAND_NAMES].sort());
    expect(Object.fromEntries(methods)).to.deep.include({
      EnterService: ['Reason', 'Minutes', 'SecondLogin', 'SecondPassword'],
      FinishService: ['Reason', 'Loaded'],
      OverrideKey: ['Reason', 'SecondLogin', 'SecondPassword'],
      SelfTest: ['Reason'],
    });
    for (const [path, inputs] of methods) {
      const { twoPersons } = CASSETTE_COMMANDS[path as keyof typeof CASSETTE_COMMANDS];
      expect(inputs.includes('SecondPassword'), path).to.equal(twoPersons);
    }
  });

  it('has a history of what the log can tell', () => {
    const historized = [...VARIABLES].filter(([, { historized }]) => historized).map(([path]) => path);
    expect(historized.sort()).to.deep.equal([...CASSETTE_HISTORY].sort());
  });

  it('has a unit for each number that is measured', () => {
    const units = new Map([...VARIABLES].flatMap(([path, { unit }]) => (unit ? [[path, unit.code]] : [])));
    expect(Object.fromEntries(units)).to.deep.equal({
      'Supervision/Temperature': 'CEL',
      'Supervision/Gas': 'P1',
      'Supervision/Tilt': 'DD',
      'Supervision/Light': 'LUX',
    });
    const numbers = [...VARIABLES].filter(([, { type }]) => type === 'ua:Double').map(([path]) => path);
    expect(numbers).to.have.members([...units.keys()]);
  });

  it('has every enumeration, each value with its number for ever', () => {
    const designed = Object.fromEntries(
      CASSETTE_ENUMERATIONS.map(({ browse, values }) => [browse, values.map(({ number }) => number)]),
    );
    const numbered = Object.fromEntries(
      Object.entries(CASSETTE_NUMBERS).map(([browse, numbers]) => [
        browse,
        Object.values<number>(numbers).sort((a, b) => a - b),
      ]),
    );
    expect(designed).to.deep.equal(numbered);
    const fields = (browse: string): string[] | undefined =>
      CASSETTE_ENUMERATIONS.find((each) => each.browse === browse)?.values.map(({ field }) => field);
    expect(fields('CassetteModeEnumeration')).to.deep.equal([
      'Outsourced',
      'Internal',
      'InternalProtectedZone',
    ]);
    expect(fields('StainCauseEnumeration')).to.include.members(['None', 'BreakIn', 'GraceExpired']);
  });

  it('uses only data types that there are', () => {
    const types = [...VARIABLES.values()].map(({ type }) => type).filter((type) => !type.includes(':'));
    expect(CASSETTE_ENUMERATIONS.map(({ browse }) => browse)).to.include.members(types);
  });

  it('has words for everything in every language, in the way that they are written', () => {
    for (const { id, name, description } of everyNode(MODEL)) {
      for (const text of [...Object.values(name), ...Object.values(description)]) {
        expect(text, id)
          .to.match(/^\S.*\S$/)
          .and.not.match(/ {2}|undefined|\{/);
      }
      for (const text of Object.values(name)) expect(text, id).not.to.match(/[.,:]$/);
      const isTransition = /\/From\w+To\w+$/.test(id);
      if (!isTransition) for (const text of Object.values(description)) expect(text, id).to.match(/\.$/);
      const { en, pl, it } = description;
      expect(new Set([en, pl, it]).size, id).to.equal(3);
    }
  });
});
