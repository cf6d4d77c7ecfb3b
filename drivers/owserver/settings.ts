/** Settings of a reader behind owserver, in a site file. All may be left out. */
export interface OwserverSettings {
  /** Family codes of the devices that are keys, two hex digits each; versions for customers (bit 7) count as well. */
  readonly families: readonly string[];
  /**
   * ROMs that are no keys, in the order of transmission: a DS9490R, for one, has a device of its own inside, of family
   * 81.
   */
  readonly ignored: readonly string[];
  /** From the beginning of one request to that of the next. */
  readonly pollMilliseconds: number;
  /** From one request to the next while the server does not answer, or has an error. */
  readonly silentPollMilliseconds: number;
  /** How long an answer may take: the server searches its 1-Wire lines meanwhile. */
  readonly replyMilliseconds: number;
}

export const DEFAULT_SETTINGS: OwserverSettings = {
  families: ['01', '08', '18', '33', '37'],
  ignored: [],
  pollMilliseconds: 100,
  silentPollMilliseconds: 1_000,
  replyMilliseconds: 3_000,
};

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    families: {
      type: 'array',
      minItems: 1,
      maxItems: 127,
      uniqueItems: true,
      items: { type: 'string', pattern: '^(?!00)[0-7][0-9A-F]$' },
      default: DEFAULT_SETTINGS.families,
    },
    ignored: {
      type: 'array',
      maxItems: 100,
      uniqueItems: true,
      items: { type: 'string', pattern: '^[0-9A-F]{16}$' },
      default: DEFAULT_SETTINGS.ignored,
    },
    // A key that stays is to be seen again within 250 ms, see `ReaderDriver.repeats`.
    pollMilliseconds: {
      type: 'integer',
      minimum: 20,
      maximum: 200,
      default: DEFAULT_SETTINGS.pollMilliseconds,
    },
    silentPollMilliseconds: {
      type: 'integer',
      minimum: 100,
      maximum: 60_000,
      default: DEFAULT_SETTINGS.silentPollMilliseconds,
    },
    replyMilliseconds: {
      type: 'integer',
      minimum: 100,
      maximum: 10_000,
      default: DEFAULT_SETTINGS.replyMilliseconds,
    },
  },
} as const;
