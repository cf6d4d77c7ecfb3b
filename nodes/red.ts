/** The types of Node-RED that nodes are written against, under one roof. */
import type nodeRed from 'node-red';

export type NodeApi = nodeRed.NodeAPI;
export type FlowNode<Credentials extends object = object> = nodeRed.Node<Credentials>;
export type FlowMessage = nodeRed.NodeMessageInFlow;
export type NodeDefinition = nodeRed.NodeDef;
export type NodeStatus = nodeRed.NodeStatus;

/** What an `input` listener is given to pass messages on: one entry per output, `null` where nothing leaves. */
export type Send = (message: nodeRed.NodeMessage | (nodeRed.NodeMessage | null)[]) => void;
/** Ends the handling of one message: without an error as handled, with one as failed. Called exactly once. */
export type Finish = (error?: Error) => void;
