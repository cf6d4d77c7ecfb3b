/** Settings of a cassette controller in a site file. All may be left out. */
export interface CassetteControllerSettings {
  /** From the start of one sample to the start of the next: the heart-beat that the controller expects. */
  readonly pollMilliseconds: number;
  /** From one greeting to the next while the controller is silent, so that it does not take the line from the others. */
  readonly silentPollMilliseconds: number;
  /** How long an answer may take after the request has left. */
  readonly answerWithinMilliseconds: number;
  /** Samples without an answer, one after the other, after which the controller counts as gone. */
  readonly missedPolls: number;
  /** Further tries of what is not a sample: the same frame again, which the controller carries out once. */
  readonly retries: number;
}

export const DEFAULT_SETTINGS: CassetteControllerSettings = {
  pollMilliseconds: 100,
  silentPollMilliseconds: 500,
  answerWithinMilliseconds: 150,
  missedPolls: 3,
  retries: 2,
};

function integer(name: keyof CassetteControllerSettings, minimum: number, maximum: number) {
  return { type: 'integer', minimum, maximum, default: DEFAULT_SETTINGS[name] } as const;
}

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    pollMilliseconds: integer('pollMilliseconds', 50, 1_000),
    silentPollMilliseconds: integer('silentPollMilliseconds', 100, 60_000),
    answerWithinMilliseconds: integer('answerWithinMilliseconds', 20, 2_000),
    missedPolls: integer('missedPolls', 1, 10),
    retries: integer('retries', 0, 5),
  },
} as const;
