/** Settings of a DS2480B in a site file. All may be left out. */
export interface Ds2480bSettings {
  /** From the beginning of one look for keys to that of the next. */
  readonly pollMilliseconds: number;
  /** From one try to the next while the adapter does not answer. */
  readonly silentPollMilliseconds: number;
  /** How long an answer may take after the request has left; the longest request takes 25 ms on the wire itself. */
  readonly replyMilliseconds: number;
}

export const DEFAULT_SETTINGS: Ds2480bSettings = {
  pollMilliseconds: 100,
  silentPollMilliseconds: 1_000,
  replyMilliseconds: 200,
};

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
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
      minimum: 50,
      maximum: 5_000,
      default: DEFAULT_SETTINGS.replyMilliseconds,
    },
  },
} as const;
