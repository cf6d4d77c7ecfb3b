import { TAG_KINDS, type TagKind } from '../../domain/item.ts';

/** Settings of an item reader in a site file. All may be left out. */
export interface LineInventorySettings {
  /** What its tags are. */
  readonly tags: TagKind;
  /** From one round of all antennas to the next. */
  readonly pollSeconds: number;
  /** From one request to the next while the reader is silent. */
  readonly silentPollSeconds: number;
  /** How long an answer may take after the request has left; reading an antenna takes part of it. */
  readonly replyMilliseconds: number;
  /** Requests without an answer, each with all its tries, after which the reader counts as silent. */
  readonly missedRequests: number;
}

export const DEFAULT_SETTINGS: LineInventorySettings = {
  tags: 'rfid',
  pollSeconds: 60,
  silentPollSeconds: 5,
  replyMilliseconds: 800,
  missedRequests: 2,
};

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    tags: { enum: TAG_KINDS, default: DEFAULT_SETTINGS.tags },
    pollSeconds: { type: 'integer', minimum: 1, maximum: 3_600, default: DEFAULT_SETTINGS.pollSeconds },
    silentPollSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 3_600,
      default: DEFAULT_SETTINGS.silentPollSeconds,
    },
    replyMilliseconds: {
      type: 'integer',
      minimum: 20,
      maximum: 5_000,
      default: DEFAULT_SETTINGS.replyMilliseconds,
    },
    missedRequests: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: DEFAULT_SETTINGS.missedRequests,
    },
  },
} as const;
