import { csvLine } from './cells.ts';
import type { TagList } from './format.ts';

/** Spreadsheets take a file for UTF-8 where it begins so. */
const BYTE_ORDER_MARK = '\uFEFF';

const COLUMNS = [
  'NodeId',
  'BrowsePath',
  'DisplayName',
  'DataType',
  'Array',
  'Access',
  'History',
  'Unit',
  'Values',
  'Description',
];

/**
 * A list for spreadsheets, and for tools in which a few columns are pasted. The browse path is written as in OPC 10000-4,
 * A.2, without indexes of namespaces: `/` between names, and `&` before a character that has a meaning there.
 */
export function genericTags(): TagList {
  return {
    begin: () => `${BYTE_ORDER_MARK}${csvLine(COLUMNS)}`,
    tag: ({ nodeId, path, displayName, dataType, array, history, unit = '', values = [], description }) =>
      csvLine([
        nodeId,
        path.map((name) => name.replace(/[/.<>:#!&]/g, '&$&')).join('/'),
        displayName,
        dataType,
        array ? 'yes' : 'no',
        'read',
        history ? 'yes' : 'no',
        unit,
        values.map(({ number, name }) => `${number}: ${name}`).join('; '),
        description,
      ]),
    end: () => '',
  };
}
