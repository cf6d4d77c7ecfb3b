/** Who may ask for what of a cabinet, at a gateway at work. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { OperatorRight } from '../../config/site.ts';
import type { Role } from '../../domain/identification.ts';
import type { CabinetOperation, Requester } from '../../gateway/api.ts';
import { cabinetRoles } from '../../gateway/cabinet-permissions.ts';
import { codeOf, GatewayAtWork } from './support/gateway-at-work.ts';
import { ADMINISTRATOR } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

/** All that a site can let its operators do. */
const RIGHTS: readonly OperatorRight[] = [
  'open',
  'service-open',
  'open-all',
  'release',
  'block',
  'unblock',
  'return-to-service',
  'empty',
];

describe('who may ask for what of a cabinet', () => {
  it('are administrators, as long as the site says nothing else', () => {
    for (const roles of Object.values(cabinetRoles())) expect(roles).to.deep.equal(['administrator']);
  });

  it('are operators too for what the site lets them do, and for nothing besides', () => {
    for (const right of RIGHTS) {
      for (const [operation, roles] of Object.entries(cabinetRoles([right]))) {
        const expected = operation === right ? ['administrator', 'operator'] : ['administrator'];
        expect(roles, `${operation} with ${right}`).to.deep.equal(expected);
      }
    }
  });

  it('can be set to all that there is, and nothing else, by the schema of the site file', async () => {
    const schema = JSON.parse(await readFile('config/schemas/site.schema.json', 'utf8'));
    expect(schema.properties.operators.properties.may.items.enum).to.have.members([...RIGHTS]);
  });

  describe('at a gateway at work', () => {
    let stored: StoredLog;
    let work: GatewayAtWork;

    before(async () => {
      stored = await StoredLog.open();
    });

    after(() => stored.remove());

    afterEach(async () => {
      await work.stop();
      expect(stored.clock.pending, 'timers left behind').to.equal(0);
      await stored.renew();
    });

    /** Somebody with a role, who says that they are an administrator: what counts is what the directory knows. */
    const somebody = async (role: Role): Promise<Requester> => {
      const user = await work.people.administration.addUser(
        { name: role, roles: [role], groups: [] },
        ADMINISTRATOR,
      );
      return { kind: 'administrator', principal: { user, login: role, roles: ['administrator'] } };
    };

    const ask = async (operation: CabinetOperation, requester: Requester): Promise<string> => {
      const place = { cabinet: 'A', compartment: 1, reason: 'trial' } as const;
      const { gateway } = work;
      switch (operation) {
        case 'open-all':
          return codeOf(await stored.until(gateway.openAll('A', 'trial', requester)));
        case 'change-mode': {
          const change = { cabinet: 'A', schema: '1.1', dryRun: true, force: false, reason: 'trial' };
          return codeOf(await stored.until(gateway.changeMode(change, requester)));
        }
        case 'assign':
        case 'withdraw':
          return codeOf(
            await stored.until(gateway.operate({ do: operation, user: 'u', ...place }, requester)),
          );
        case 'assign-code':
          return codeOf(
            await stored.until(gateway.operate({ do: operation, pin: '1234', ...place }, requester)),
          );
        case 'open':
        case 'service-open':
        case 'release':
        case 'block':
        case 'unblock':
        case 'return-to-service':
        case 'empty':
        case 'stock':
          return codeOf(await stored.until(gateway.operate({ do: operation, ...place }, requester)));
      }
    };

    it('lets an operator do what the site lets them do, with their id on record', async () => {
      work = await GatewayAtWork.start(stored, { cabinetRoles: cabinetRoles(['block', 'open-all']) });
      const operator = await somebody('operator');
      const answers: Record<string, string> = {};
      for (const operation of Object.keys(cabinetRoles()) as CabinetOperation[]) {
        answers[operation] = await ask(operation, operator);
      }
      const { block, 'open-all': openAll, ...others } = answers;
      expect([block, openAll]).to.deep.equal(['ok', 'ok']);
      for (const [operation, code] of Object.entries(others)) {
        expect(code, operation).to.equal('not-permitted');
      }
      const events = (await stored.events('cabinet/A')).slice(2);
      const actor = {
        kind: 'administrator',
        id: operator.kind === 'administrator' ? operator.principal.user : '',
      };
      const asked = events.filter(({ type }) => /blocked|granted/.test(type));
      expect(asked.map((event) => [event.type, event.actor])).to.deep.equal([
        ...Array.from({ length: 4 }, () => ['compartment-granted', actor]),
        ['compartment-blocked', actor],
      ]);
    });

    it('lets nobody but administrators do anything where the site says nothing', async () => {
      work = await GatewayAtWork.start(stored);
      for (const role of ['operator', 'master', 'defined'] as const) {
        const person = await somebody(role);
        for (const operation of Object.keys(cabinetRoles()) as CabinetOperation[]) {
          expect(await ask(operation, person), `${role}, ${operation}`).to.equal('not-permitted');
        }
      }
      expect(await work.types()).to.deep.equal([]);
      const administrator = await somebody('administrator');
      expect(await ask('block', administrator)).to.equal('ok');
    });
  });
});
