import type { OpcUaTag } from '../../gateway/opcua-administration.ts';
import { type TagList, TagNames } from './format.ts';

/** What the built-in types of OPC UA are there; a type is at least as wide as the values (Ignition manual, "Tag data types"). */
const TYPES: Readonly<Record<string, string>> = {
  Boolean: 'Boolean',
  SByte: 'Int1',
  Byte: 'Int2',
  Int16: 'Int2',
  UInt16: 'Int4',
  Int32: 'Int4',
  UInt32: 'Int8',
  Int64: 'Int8',
  UInt64: 'Int8',
  Float: 'Float4',
  Double: 'Float8',
  DateTime: 'DateTime',
};

/**
 * A folder `Sezam` of tags as Ignition 8 imports it: JSON, folders in folders (Ignition manual, "Exporting and importing
 * tags"; it takes CSV only to turn it into this).
 *
 * @param server what the OPC UA connection is called in Ignition
 */
export function ignitionTags(server: string): TagList {
  const names = new TagNames();
  /** The folders that are open, and whether something stands in each already. */
  const open: { readonly name: string; filled: boolean }[] = [];
  /** Whether something stands in the outermost folder already. */
  let filled = false;

  /** A comma, unless this is the first in its folder. */
  const next = (): string => {
    const folder = open.at(-1);
    const first = folder ? !folder.filled : !filled;
    if (folder) folder.filled = true;
    else filled = true;
    return first ? '\n' : ',\n';
  };
  const goTo = (folders: readonly string[]): string => {
    const shared = folders.findIndex((name, depth) => open[depth]?.name !== name);
    const kept = shared === -1 ? folders.length : shared;
    let text = ']}'.repeat(Math.max(0, open.length - kept));
    open.length = Math.min(open.length, kept);
    for (const name of folders.slice(kept)) {
      text += `${next()}${folderOf(name)}`;
      open.push({ name, filled: false });
    }
    return text;
  };

  return {
    begin: () => folderOf('Sezam'),
    tag: (tag) => {
      const path = names.of(tag);
      const within = goTo(path.slice(0, -1));
      return `${within}${next()}${JSON.stringify(atomic(tag, path.at(-1) ?? '', server))}`;
    },
    end: () => `${goTo([])}]}\n`,
  };
}

/** The beginning of a folder, up to where its tags stand. */
function folderOf(name: string): string {
  return `{"name":${JSON.stringify(name)},"tagType":"Folder","tags":[`;
}

function atomic(
  { nodeId, dataType, array, unit, description }: OpcUaTag,
  name: string,
  server: string,
): object {
  const type = TYPES[dataType] ?? 'String';
  return {
    name,
    tagType: 'AtomicTag',
    valueSource: 'opc',
    opcServer: server,
    opcItemPath: nodeId,
    dataType: array ? `${type}Array` : type,
    readOnly: true,
    ...(unit !== undefined && { engUnit: unit }),
    ...(description !== '' && { documentation: description }),
  };
}
