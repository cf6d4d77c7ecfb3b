import { expect } from 'chai';
import { connect, StoreUnreachable } from '../../models/connection.ts';

describe('a connection string with a mistake in its login', () => {
  for (const uri of [
    'mongodb://anna:p@qqw0rd@127.0.0.1:1/sezam',
    'mongodb://anna:p@qqw0rd@127.0.0.1:1',
    'mongodb://anna:p/qqw0rd@127.0.0.1:1',
    'mongodb://anna:p@qq/w0rd@127.0.0.1:1/sezam',
    'mongodb://anna:pqqw0rd@',
  ]) {
    it(`is refused with what to do, and shows nothing of the password (${uri})`, async () => {
      const refused: unknown = await connect(uri).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(StoreUnreachable);
      expect(refused)
        .to.have.property('message')
        .that.contains('%40')
        .and.not.match(/qq|w0rd|anna/);
    });
  }

  it('tells the address, and only that, where the login is well written', async () => {
    const refused: unknown = await connect(
      'mongodb://anna:p%40qqw0rd@127.0.0.1:1/sezam?retryWrites=true',
    ).catch((error: unknown) => error);
    expect(refused)
      .to.have.property('message')
      .that.contains('127.0.0.1:1')
      .and.not.match(/qqw0rd|anna/);
  });
});
