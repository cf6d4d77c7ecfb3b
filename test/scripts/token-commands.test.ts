import { expect } from 'chai';
import { tokenCommandFor } from '../../scripts/token-commands.ts';

describe('commands about tokens, as they are typed', () => {
  it('become commands of the gateway', () => {
    expect(tokenCommandFor('panel-tokens', {})).to.deep.equal({ do: 'list-panel-tokens' });
    expect(tokenCommandFor('add-panel-token', { panel: 'hall' })).to.deep.equal({
      do: 'add-panel-token',
      panel: 'hall',
    });
    expect(tokenCommandFor('api-tokens', {})).to.deep.equal({ do: 'list-api-tokens' });
    expect(tokenCommandFor('add-api-token', { user: 'user-1' })).to.deep.equal({
      do: 'add-api-token',
      user: 'user-1',
    });
    const all = { user: 'user-1', name: 'control room', days: '30' };
    expect(tokenCommandFor('add-api-token', all)).to.deep.equal({ do: 'add-api-token', ...all, days: 30 });
    for (const name of ['remove-panel-token', 'remove-api-token']) {
      expect(tokenCommandFor(name, { token: 'x-1' })).to.deep.equal({ do: name, token: 'x-1' });
    }
  });

  it('leave to the gateway what is missing or wrong', () => {
    expect(tokenCommandFor('add-api-token', {})).to.deep.equal({ do: 'add-api-token' });
    expect(tokenCommandFor('add-api-token', { days: 'many' })).to.deep.equal({
      do: 'add-api-token',
      days: Number.NaN,
    });
    expect(tokenCommandFor('remove-api-token', {})).to.deep.equal({ do: 'remove-api-token' });
  });

  it('are no others', () => {
    for (const name of ['', 'tokens', 'add-token', 'constructor']) {
      expect(tokenCommandFor(name, {}), name).to.equal(undefined);
    }
  });
});
