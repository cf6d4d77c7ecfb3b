import { TAG_KINDS, type TagKind } from '../../domain/item.ts';

/** Settings of an item reader in a site file. All may be left out. */
export interface LineInventorySettings {
  /** What its tags are. */
  readonly tags: TagKind;
  /** From one round of all antennas to the next. */
  readonly pollMilliseconds: number;
  /** From one request to the next while the reader is silent. */
  readonly silentPollMilliseconds: number;
  /** How long an answer may take after the request has left; reading an antenna takes part of it. */
  readonly replyMilliseconds: number;
  /** Requests in a row without an answer after which the reader counts as silent; each antenna is tried three times. */
  readonly missedRequests: number;
}

export const DEFAULT_SETTINGS: LineInventorySettings = {
  tags: 'rfid',
  pollMilliseconds: 60_000,
  silentPollMilliseconds: 5_000,
  replyMilliseconds: 800,
  missedRequests: 9,
};

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    tags: { enum: TAG_KINDS, default: DEFAULT_SETTINGS.tags },
    pollMilliseconds: {
      type: 'integer',
      minimum: 100,
      maximum: 3_600_000,
      default: DEFAULT_SETTINGS.pollMilliseconds,
    },
    silentPollMilliseconds: {
      type: 'integer',
      minimum: 100,
      maximum: 3_600_000,
      default: DEFAULT_SETTINGS.silentPollMilliseconds,
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
