import { expect } from 'chai';
import { Ds2480bSimulator } from '../../simulators/ds2480b.ts';

describe('DS2480B simulator', () => {
  let simulator: Ds2480bSimulator;
  let heard: string;

  beforeEach(() => {
    simulator = new Ds2480bSimulator();
    heard = '';
    simulator.connect((bytes) => {
      heard += bytes.toString('hex');
    });
  });

  afterEach(() => simulator.close());

  /** What it answers to the given bytes. */
  const ask = (hex: string): string => {
    heard = '';
    simulator.receive(Buffer.from(hex, 'hex'));
    return heard;
  };

  /**
   * What the driver of OWFS 3.2 (owserver, `-d`) said to it, and took for the answers of a real one: calibration, baud
   * rate and its reading back, reset, the settings of pulses and slots, one slot, a reset; then the search for two keys.
   */
  const OWFS: readonly (readonly [sent: string, answered: string])[] = [
    ['c1', ''],
    ['71', '70'],
    ['0f', '00'],
    ['c5', 'cd'],
    ['45', '44'],
    ['5b', '5a'],
    ['3f', '3e'],
    ['29', '28'],
    ['95', '97'],
    ['c5', 'cd'],
    ['e1f0', 'f0'],
    ['e3b5e100000000000000000000000000000000', '020000281028aaa00a00000000008088'],
    ['e3a5', ''],
    ['c5', 'cd'],
    ['e1f0', 'f0'],
    ['e3b5e102000028200000000000000000000000', '02000028b028aa8a0a00000000000208'],
    ['e3a5', ''],
  ];

  it('holds the conversation that the driver of OWFS had with it', () => {
    simulator.touch('01606CBF03000021');
    simulator.touch('016060CF030000A8');
    expect(OWFS.map(([sent]) => [sent, ask(sent)])).to.deep.equal(OWFS);
  });

  it('reads one key as the data sheet has it', () => {
    simulator.touch('01606CBF03000021');
    expect(ask('c1')).to.equal('');
    expect(ask('c1')).to.equal('cd');
    expect(ask('e133ffffffffffffffff')).to.equal('3301606cbf03000021');
    expect(ask('e3c1')).to.equal('cd');
  });

  it('tells nobody and a bridged contact', () => {
    expect(ask('c1c1')).to.equal('cf');
    simulator.shorted = true;
    expect(ask('c1')).to.equal('cc');
  });

  it('takes E3 for data where it comes twice, and for the end of data mode where it does not', () => {
    expect(ask('c1e1e3e300')).to.equal('e300');
    expect(ask('e3c1')).to.equal('cf');
  });

  it('is deaf where it was calibrated by anything but C1, until its supply goes and comes back', () => {
    expect(ask('e3c1c1c1')).to.equal('');
    simulator.cutSupply();
    expect(ask('c1c1')).to.equal('cf');
  });

  it('answers a search with ones from the bit on in which nobody takes part', () => {
    simulator.touch('01606CBF03000021', 8 + 3 * 16);
    const answer = ask(`c1c1e1f0e3b1e1${'00'.repeat(16)}e3a1`);
    expect(answer).to.equal(`cdf002000028${'ff'.repeat(12)}`);
    expect(ask('c1')).to.equal('cf');
  });
});
