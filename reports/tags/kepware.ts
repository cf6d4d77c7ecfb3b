import { csvLine } from './cells.ts';
import { type TagList, TagNames } from './format.ts';

/**
 * The heading of a list of tags for KEPServerEX, ThingWorx Kepware Server and TOP Server, as these export it
 * (kepware.com, "CSV import and export"; toolboxopc.com, "Comma separated variable file support").
 */
const COLUMNS = [
  'Tag Name',
  'Address',
  'Data Type',
  'Respect Data Type',
  'Client Access',
  'Scan Rate',
  'Scaling',
  'Raw Low',
  'Raw High',
  'Scaled Low',
  'Scaled High',
  'Scaled Data Type',
  'Clamp Low',
  'Clamp High',
  'Eng Units',
  'Description',
  'Negate Value',
];

/** What the built-in types of OPC UA are there. */
const TYPES: Readonly<Record<string, string>> = {
  Boolean: 'Boolean',
  SByte: 'Char',
  Byte: 'Byte',
  Int16: 'Short',
  UInt16: 'Word',
  Int32: 'Long',
  UInt32: 'DWord',
  Int64: 'LLong',
  UInt64: 'QWord',
  Float: 'Float',
  Double: 'Double',
  DateTime: 'Date',
};

/** Milliseconds; counts where a client does not ask for a rate of its own. */
const SCAN_RATE = 1_000;
/** Characters (support.ptc.com, "Tag properties"). */
const LONGEST_DESCRIPTION = 255;

/**
 * Tags of a device of the *OPC UA Client* driver: names with dots stand in groups, addresses are node ids. Values can only
 * be read.
 */
export function kepwareTags(): TagList {
  const names = new TagNames();
  return {
    begin: () => csvLine(COLUMNS),
    tag: (tag) => {
      const type = TYPES[tag.dataType] ?? 'String';
      return csvLine([
        names.of(tag).join('.'),
        tag.nodeId,
        tag.array ? `${type} Array` : type,
        1,
        'RO',
        SCAN_RATE,
        ...Array<string>(8).fill(''),
        tag.unit ?? '',
        tag.description.slice(0, LONGEST_DESCRIPTION),
        '',
      ]);
    },
    end: () => '',
  };
}
