/** Settings of a keypad in a site file. All may be left out. */
export interface KeypadSettings {
  /** The key that ends an entry: `#`, carriage return, or either. */
  readonly end: '#' | 'CR' | 'either';
  /** An entry that nobody goes on with is forgotten after so long. */
  readonly clearAfterSeconds: number;
}

export const DEFAULT_SETTINGS: KeypadSettings = { end: 'either', clearAfterSeconds: 30 };

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    end: { enum: ['#', 'CR', 'either'], default: DEFAULT_SETTINGS.end },
    clearAfterSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 300,
      default: DEFAULT_SETTINGS.clearAfterSeconds,
    },
  },
} as const;
