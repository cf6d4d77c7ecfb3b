import { expect } from 'chai';
import { type AuditEvent, AuditLog } from '../../opcua-server/audit-log.ts';

const NOBODY = { kind: 'machine', id: 'opcua' } as const;

const refused = (reason: string) =>
  ({ type: 'opcua-login-refused', actor: NOBODY, data: { reason } }) as const;
const called = (status: string) =>
  ({
    type: 'opcua-method-called',
    actor: NOBODY,
    data: { object: 'A', method: 'Open', status, session: 's' },
  }) as const;

describe('the audit log of the OPC UA server', () => {
  let told: AuditEvent[];
  let log: AuditLog;

  beforeEach(() => {
    told = [];
    log = new AuditLog((event) => void told.push(event));
  });

  afterEach(() => log.close());

  const counts = (): readonly unknown[] => told.map(({ data }) => ('count' in data ? data.count : 1));

  it('tells three refusals that are alike at once, and counts the others', () => {
    for (let count = 0; count < 1_000; count += 1) log.note(refused('wrong-password'), 'anna');
    log.note(refused('wrong-password'), 'jan');
    expect(counts()).to.deep.equal([1, 1, 1, 1]);
    log.flush();
    expect(counts()).to.deep.equal([1, 1, 1, 1, 997]);
    log.flush();
    expect(told).to.have.length(5);
  });

  it('begins anew after it has counted', () => {
    for (let count = 0; count < 4; count += 1) log.note(refused('wrong-password'));
    log.flush();
    log.note(refused('wrong-password'));
    expect(counts()).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it('stays small whatever is tried, and loses no try', () => {
    for (let count = 0; count < 10_000; count += 1)
      log.note(refused('certificate-unknown'), `stranger ${count}`);
    log.close();
    expect(told.length).to.be.below(100);
    const all = counts().reduce((sum: number, count) => sum + Number(count), 0);
    expect(all).to.equal(10_000);
  });

  it('tells what people do who were let in one by one, up to a bound', () => {
    for (let count = 0; count < 500; count += 1) log.note(called('Good'));
    for (let count = 0; count < 5; count += 1) log.note(called('BadUserAccessDenied'), 'u-operator');
    log.close();
    expect(counts()).to.deep.equal([...Array.from({ length: 123 }, () => 1), 380, 2]);
  });
});
