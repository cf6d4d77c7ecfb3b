import { expect } from 'chai';
import {
  AttributeIds,
  type ClientSession,
  MessageSecurityMode,
  makeRoles,
  type NodeId,
  type OPCUAServer,
  PermissionType,
  RequestHeader,
  SessionContext,
  StatusCodes,
  type UAVariable,
  WellKnownRoles,
} from 'node-opcua';
import { rememberRights } from '../../opcua-server/session-rights.ts';
import { PlainServer, SOMEBODY } from './support/plain-server.ts';

const CHANGED =
  'node-opcua has changed: read how a ServerSession asks its SessionContext what it may do, and mend ' +
  'opcua-server/session-rights.ts so that nothing is worked out for each value';

const OBSERVER = makeRoles([WellKnownRoles.Observer]);
const SUPERVISOR = makeRoles([WellKnownRoles.Observer, WellKnownRoles.Supervisor]);
const NOBODY: NodeId[] = [];
const READ = PermissionType.Browse | PermissionType.Read;
/** Signing, encryption and a session required (OPC 10000-3, 8.56), and any of them together. */
const RESTRICTIONS = [0, 1, 2, 3, 4, 7] as const;

describe('rights of sessions', () => {
  let plain: PlainServer;
  let session: ClientSession;
  let proved: NodeId[];
  /** How often the library asked for roles. */
  let asked: number;

  function attach(server: OPCUAServer): void {
    const namespace = server.engine.addressSpace?.getOwnNamespace();
    namespace?.setDefaultRolePermissions([{ roleId: WellKnownRoles.Observer, permissions: READ }]);
    server.roleResolvers.push({
      resolveRoles: () => {
        asked += 1;
        return proved;
      },
    });
    rememberRights(server, () => proved);
  }

  before(async () => {
    plain = await PlainServer.start(12, attach);
  });

  after(() => plain?.close());

  beforeEach(async () => {
    asked = 0;
    proved = OBSERVER;
    session = await plain.connect(SOMEBODY);
  });

  afterEach(() => plain.disconnect());

  async function statuses(): Promise<Set<string>> {
    const values = await session.read(
      plain.variables.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
    );
    return new Set(values.map(({ statusCode }) => statusCode.name));
  }

  it('are worked out once, for any number of values', async () => {
    await statuses();
    const before = asked;
    for (let round = 0; round < 5; round += 1) {
      expect(await statuses()).to.deep.equal(new Set([StatusCodes.Good.name]));
    }
    expect(asked - before, CHANGED).to.equal(0);
  });

  it('follow what was proved', async () => {
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.Good.name]));
    proved = NOBODY;
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.BadUserAccessDenied.name]));
    proved = SUPERVISOR;
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.Good.name]));
  });

  it('end where a session goes over to nobody', async () => {
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.Good.name]));
    await session.changeUser({ type: 0 });
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.BadUserAccessDenied.name]));
    await session.changeUser(SOMEBODY);
    expect(await statuses()).to.deep.equal(new Set([StatusCodes.Good.name]));
  });

  it('are the same in a call, which has a header of its own', () => {
    const context = plain.sessions[0]?.sessionContext as SessionContext;
    const variable = plain.variables[0] as UAVariable;
    context.checkPermission(variable, READ);
    const before = asked;
    const call = context.withRequestHeader(new RequestHeader({ auditEntryId: 'entry 7' }));
    expect(call.checkPermission(variable, READ)).to.equal(true);
    expect(asked - before, CHANGED).to.equal(0);
    expect([call.getAuditEntryId(), context.getAuditEntryId()]).to.deep.equal(['entry 7', undefined]);
    expect(call.session).to.equal(context.session);
  });

  it('are those that the library works out, whatever a node allows and however the client is connected', async () => {
    for (const [index, variable] of plain.variables.entries()) dress(variable, index);
    const [served] = plain.sessions;
    if (!served?.channel) throw new Error('The server has no session.');
    const own = new SessionContext({ session: served, server: plain.server });
    for (const roles of [OBSERVER, SUPERVISOR, NOBODY, OBSERVER]) {
      proved = roles;
      for (const mode of [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt]) {
        Object.defineProperty(served.channel, 'securityMode', { value: mode, configurable: true });
        const ours = served.sessionContext;
        expect(ours.getCurrentUserRoles().map(String)).to.deep.equal(own.getCurrentUserRoles().map(String));
        for (const variable of plain.variables) {
          expect(ours.isAccessRestricted(variable)).to.equal(own.isAccessRestricted(variable));
          for (const permission of [READ, PermissionType.Call, PermissionType.Read | PermissionType.Write]) {
            const allowed = own.checkPermission(variable, permission);
            expect(ours.checkPermission(variable, permission)).to.equal(allowed);
            // The second time it is remembered.
            expect(ours.checkPermission(variable, permission)).to.equal(allowed);
          }
        }
      }
    }
  });
});

/** Gives a variable permissions and restrictions of its own, or leaves it those of its namespace. */
function dress(variable: UAVariable, index: number): void {
  if (index % 3 === 1) {
    variable.setRolePermissions([
      { roleId: WellKnownRoles.Supervisor, permissions: READ | PermissionType.Call },
    ]);
  }
  if (index % 3 === 2) variable.setRolePermissions([]);
  const restrictions = RESTRICTIONS[index >> 1];
  if (restrictions !== undefined && index % 2 === 1) {
    variable.setAccessRestrictions(restrictions as Parameters<UAVariable['setAccessRestrictions']>[0]);
  }
}
