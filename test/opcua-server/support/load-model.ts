/** Loads the NodeSets of the server, for whoever looks at what the library has to say of them. */
import { AddressSpace, generateAddressSpace } from 'node-opcua';
import { NODESETS } from '../../../opcua-server/types.ts';

const addressSpace = AddressSpace.create();
await generateAddressSpace(addressSpace, [...NODESETS]);
addressSpace.dispose();
