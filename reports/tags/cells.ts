/** A cell that a spreadsheet would take for a formula, and run. */
const FORMULA = /^[=+\-@\t\r]/;

/** A line of a CSV file (RFC 4180); what a spreadsheet would take for a formula is made harmless by an apostrophe. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // A tag is one line in every tool.
  const line = value.replace(/[\r\n\t]+/g, ' ');
  const harmless = FORMULA.test(line) ? `'${line}` : line;
  return /[",;]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
