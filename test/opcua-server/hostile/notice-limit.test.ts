import { expect } from 'chai';
import { type Notice, NoticeLimit } from '../../../opcua-server/notice-limit.ts';

describe('Notices of the OPC UA server', () => {
  it('are told one by one as long as they are few, then counted', () => {
    const told: string[] = [];
    const limit = new NoticeLimit(({ text }) => void told.push(text));
    const notice = (number: number): Notice => ({ kind: 'log', level: 'warn', text: `notice ${number}` });
    for (let number = 1; number <= 100; number += 1) limit.note(notice(number));
    expect(told).to.have.length(30);
    limit.flush();
    expect(told.slice(30)).to.deep.equal(['There were 70 more notices of the OPC UA server.']);
    limit.note(notice(101));
    limit.flush();
    expect(told.at(-1)).to.equal('notice 101');
  });
});
