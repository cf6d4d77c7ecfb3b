/** The information model of Sezam, whole. */
import { NAMESPACE_PUBLISHED, NAMESPACE_URI, NAMESPACE_VERSION } from '../names.ts';
import { CABINET_TYPE } from './cabinet.ts';
import { CASSETTE_TYPES } from './cassette.ts';
import { CASSETTE_ENUMERATIONS } from './cassette-enumerations.ts';
import { COMPARTMENT_TYPE } from './compartment.ts';
import type { ModelDesign } from './design.ts';
import { LOCK_BOARD_TYPE, READER_SCAN_EVENT_TYPE, READER_TYPE } from './devices.ts';
import { LOCKER_ENUMERATIONS } from './enumerations.ts';
import { EVENT_TYPES } from './events.ts';
import { ALARM_FEED_TYPE, SITE_TYPE } from './site.ts';
import { ALARM_SUMMARY_TYPE, CABINET_SUMMARY_TYPE } from './summary.ts';

export const MODEL: ModelDesign = {
  uri: NAMESPACE_URI,
  version: NAMESPACE_VERSION,
  published: NAMESPACE_PUBLISHED,
  enumerations: [...LOCKER_ENUMERATIONS, ...CASSETTE_ENUMERATIONS],
  types: [
    ...EVENT_TYPES,
    READER_SCAN_EVENT_TYPE,
    ALARM_SUMMARY_TYPE,
    CABINET_SUMMARY_TYPE,
    COMPARTMENT_TYPE,
    LOCK_BOARD_TYPE,
    READER_TYPE,
    CABINET_TYPE,
    ...CASSETTE_TYPES,
    ALARM_FEED_TYPE,
    SITE_TYPE,
  ],
};
