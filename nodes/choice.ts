/** Choices of several values in one setting, separated by commas, as the editor's lists store them. */

/** The chosen values; empty: everything. */
export function parseChoice(setting: string): ReadonlySet<string> {
  return new Set(
    setting
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  );
}

/** Whether a value passes: nothing chosen lets everything pass. */
export function isChosen(choice: ReadonlySet<string>, value: string): boolean {
  return choice.size === 0 || choice.has(value);
}
