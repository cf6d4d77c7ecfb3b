import { expect } from 'chai';
import { Freshness, SILENT_AFTER, type Stale } from '../../opcua-server/freshness.ts';
import { cassetteView } from './support/cassette-views.ts';
import { MemoryGateway } from './support/memory-gateway.ts';
import { SiteInMemory } from './support/site-in-memory.ts';

describe('freshness of what OPC UA shows', () => {
  let now: number;
  let told: Stale[];
  let freshness: Freshness;

  beforeEach(() => {
    now = 1_000;
    told = [];
    freshness = new Freshness(
      (stale) => told.push(stale),
      () => now,
    );
  });

  it('says nothing while the gateway is heard', () => {
    for (let round = 0; round < 10; round += 1) {
      now += SILENT_AFTER - 1;
      freshness.check();
      freshness.heard();
    }
    expect(told).to.deep.equal([]);
  });

  it('takes everything for stale once the gateway is silent for too long, once', () => {
    now += SILENT_AFTER;
    freshness.check();
    now += SILENT_AFTER;
    freshness.check();
    expect(told).to.deep.equal(['everything']);
  });

  it('takes nothing for stale any more when the gateway is heard again', () => {
    now += SILENT_AFTER;
    freshness.check();
    freshness.heard();
    expect(told).to.deep.equal(['everything', new Set()]);
  });

  it('takes cabinets of another gateway for stale, and goes on with that after a silence', () => {
    freshness.takenOver(['A']);
    now += SILENT_AFTER;
    freshness.check();
    freshness.takenOver(['A', 'B']);
    freshness.heard();
    freshness.takenOver([]);
    expect(told).to.deep.equal([new Set(['A']), 'everything', new Set(['A', 'B']), new Set()]);
  });
});

describe('what OPC UA shows and may no longer be so', () => {
  /** Whatever follows from events. Names, nameplates and the like are those of the configuration. */
  const OF_CABINET = [
    'compartment/1/State',
    'compartment/1/Occupant',
    'compartment/1/OccupiedSince',
    'Summary/Free',
    'Summary/States',
    'Summary/AlarmSet',
    'Alarms/Active',
    'Alarms/HighestSeverity',
    'board/A-0/DeviceHealth',
    'reader/r/DeviceHealth',
    'reader/r/DeviceStatus',
  ];
  const OF_SITE = [
    'site/Alarms/Active',
    'cassette/C%2F1/State',
    'cassette/C%2F1/InMachine',
    'cassette/C%2F1/Arming/CurrentState',
    'cassette/C%2F1/BanknoteNeutralization/State/Mode',
  ];
  let site: SiteInMemory;

  before(async () => {
    const gateway = new MemoryGateway({ A: 2, B: 2 }, [cassetteView()]);
    gateway.site = {
      ...gateway.site,
      readers: [
        { id: 'r', cabinet: 'A', panel: 'P', bus: 'b', decide: 'gateway' },
        { id: 'r', cabinet: 'B', panel: 'P', bus: 'b', decide: 'gateway' },
      ],
    };
    site = await SiteInMemory.of(gateway);
  });

  after(() => site?.close());

  const statuses = (names: readonly string[]): string[] => [
    ...new Set(names.map((name) => site.read(name).statusCode.name)),
  ];
  const of = (cabinet: string): string[] =>
    OF_CABINET.map((name) => `cabinet/${cabinet}/${name.replace('A-', `${cabinet}-`)}`);

  it('is uncertain, with the time and value that it had', () => {
    const before = site.read('cassette/C%2F1/State');
    site.object.showStale('everything');
    expect(statuses([...of('A'), ...of('B'), ...OF_SITE])).to.deep.equal(['UncertainLastUsableValue']);
    const after = site.read('cassette/C%2F1/State');
    expect([after.value.value, after.sourceTimestamp]).to.deep.equal([
      before.value.value,
      before.sourceTimestamp,
    ]);
    site.object.showStale(new Set());
    expect(statuses([...of('A'), ...of('B'), ...OF_SITE])).to.deep.equal(['Good']);
  });

  it('is uncertain of single cabinets that another gateway has, and of nothing else', () => {
    site.object.showStale(new Set(['A']));
    expect(statuses(of('A'))).to.deep.equal(['UncertainLastUsableValue']);
    expect(statuses([...of('B'), ...OF_SITE])).to.deep.equal(['Good']);
    site.object.showStale(new Set());
  });

  it('stays bad where it is not known at all', () => {
    site.object.showStale('everything');
    expect(statuses(['cassette/C%2F1/Supervision/Light'])).to.deep.equal(['BadNotConnected']);
    expect(statuses(['cabinet/A/compartment/1/Door'])).to.deep.equal(['UncertainInitialValue']);
    site.object.showStale(new Set());
  });
});
