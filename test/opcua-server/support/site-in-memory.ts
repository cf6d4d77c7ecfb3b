/**
 * The objects of a site in an address space, fed by a gateway in memory the way the server's thread is, without the thread and
 * without a port: what they show can be looked at after each step.
 */
import { AddressSpace, type DataValue, generateAddressSpace, type UAVariable } from 'node-opcua';
import { DEFAULT_SIGNALS } from '../../../domain/cassette/signal.ts';
import { CassetteCommands } from '../../../opcua-server/cassette-commands.ts';
import { Commands } from '../../../opcua-server/commands.ts';
import { SiteFeed } from '../../../opcua-server/feed.ts';
import { GatewayCalls } from '../../../opcua-server/gateway-calls.ts';
import { addModel } from '../../../opcua-server/model.ts';
import { SignIns, sitePermissions } from '../../../opcua-server/security.ts';
import { SiteObject } from '../../../opcua-server/site-object.ts';
import { NODESETS } from '../../../opcua-server/types.ts';
import type { MemoryGateway } from './memory-gateway.ts';

export class SiteInMemory {
  readonly addressSpace: AddressSpace;
  readonly object: SiteObject;
  readonly #feed: SiteFeed;

  private constructor(addressSpace: AddressSpace, object: SiteObject, feed: SiteFeed) {
    this.addressSpace = addressSpace;
    this.object = object;
    this.#feed = feed;
  }

  static async of(gateway: MemoryGateway): Promise<SiteInMemory> {
    const addressSpace = AddressSpace.create();
    addressSpace.registerNamespace('urn:sezam:test');
    await generateAddressSpace(addressSpace, [...NODESETS]);
    const calls = new GatewayCalls(() => {});
    const signIns = new SignIns(calls);
    const permissions = sitePermissions(false);
    const model = addModel(
      addressSpace,
      permissions,
      new Commands(calls, signIns, () => permissions.command),
      new CassetteCommands(calls, signIns),
    );
    const site = new SiteInMemory(
      addressSpace,
      new SiteObject(model, 'Test site', DEFAULT_SIGNALS),
      new SiteFeed(gateway),
    );
    site.#start();
    return site;
  }

  /** What the feed waits to send is shown. */
  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  read(name: string): DataValue {
    const variable = this.addressSpace.findNode(`ns=1;s=${name}`) as UAVariable | null;
    if (!variable) throw new Error(`There is no node ${name}.`);
    return variable.readValue();
  }

  /** A value, arrays as those of JavaScript. */
  value(name: string): unknown {
    const { value } = this.read(name).value;
    return ArrayBuffer.isView(value) ? Array.from(value as Uint32Array) : value;
  }

  has(name: string): boolean {
    return this.addressSpace.findNode(`ns=1;s=${name}`) !== null;
  }

  close(): void {
    this.#feed.close();
    this.addressSpace.dispose();
  }

  #start(): void {
    const { cabinets, cassettes, alarms } = this.#feed.snapshot();
    this.object.replace(cabinets, cassettes);
    this.object.showAlarms(
      alarms.map((alarm) => ({ alarm, kept: true })),
      Date.now(),
    );
    this.#feed.connect((batch) => {
      this.object.remove(batch.removed);
      this.object.replace(batch.cabinets, batch.cassettes);
      this.object.show(batch.deltas);
      this.object.showAlarms(batch.alarms, Date.now());
      this.#feed.shown(batch.batch);
    });
  }
}
