/** Settings of a CU48 board in a site file. All may be left out. */
export interface Cu48Settings {
  /** The sensor bit of a closed door; 0 where the sensors are wired the other way round. */
  readonly closedBit: 0 | 1;
  /** From one status query to the next, while nothing is expected to move. */
  readonly pollMilliseconds: number;
  /** The same for some time after an unlock, while a door moves. */
  readonly fastPollMilliseconds: number;
  readonly fastForMilliseconds: number;
  /** The same while the board is silent, so that it does not take the line from the others. */
  readonly silentPollMilliseconds: number;
  /** How long a reply may take after the query has left. */
  readonly replyMilliseconds: number;
  /** Queries without an answer after which the board counts as silent. */
  readonly missedPolls: number;
  /** Further tries of the query that follows a pulse sent to a silent board. */
  readonly retries: number;
  /** Quiet on the line after a pulse: its frame has no reply that would tell when the board has read it. */
  readonly pauseAfterUnlockMilliseconds: number;
}

export const DEFAULT_SETTINGS: Cu48Settings = {
  closedBit: 1,
  pollMilliseconds: 500,
  fastPollMilliseconds: 100,
  fastForMilliseconds: 5_000,
  silentPollMilliseconds: 2_000,
  replyMilliseconds: 200,
  missedPolls: 3,
  retries: 3,
  pauseAfterUnlockMilliseconds: 20,
};

function milliseconds(name: keyof Cu48Settings, minimum: number, maximum: number) {
  return { type: 'integer', minimum, maximum, default: DEFAULT_SETTINGS[name] } as const;
}

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    closedBit: { enum: [0, 1], default: DEFAULT_SETTINGS.closedBit },
    pollMilliseconds: milliseconds('pollMilliseconds', 20, 60_000),
    fastPollMilliseconds: milliseconds('fastPollMilliseconds', 20, 60_000),
    fastForMilliseconds: milliseconds('fastForMilliseconds', 0, 60_000),
    silentPollMilliseconds: milliseconds('silentPollMilliseconds', 20, 60_000),
    replyMilliseconds: milliseconds('replyMilliseconds', 10, 5_000),
    missedPolls: { type: 'integer', minimum: 1, maximum: 100, default: DEFAULT_SETTINGS.missedPolls },
    retries: { type: 'integer', minimum: 0, maximum: 10, default: DEFAULT_SETTINGS.retries },
    pauseAfterUnlockMilliseconds: milliseconds('pauseAfterUnlockMilliseconds', 0, 1_000),
  },
} as const;
