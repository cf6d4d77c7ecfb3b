/** A cassette as configured. What the source leaves open is a setting here, with a default that stands beside it. */
import type { CassetteId, Milliseconds } from '../site.ts';
import type { Sensor } from './readings.ts';

/**
 * The three ways of managing a cassette (source, Italian): 1 `outsourced` (bancomat esternalizzato), 2 `internal`
 * (gestione interna), 3 `internal-protected-zone` (gestione interna con carico cassetto in zona protetta).
 */
export const MANAGEMENT_MODES = ['outsourced', 'internal', 'internal-protected-zone'] as const;
export type ManagementMode = (typeof MANAGEMENT_MODES)[number];

/** What a cassette is in. `grace` is `transit` with a running grace time. */
export const PHASES = ['service', 'rest', 'transit', 'grace', 'full', 'stained'] as const;
export type Phase = (typeof PHASES)[number];

/** The phases in which a confirmed live sensor stains. */
export const LIVE_PHASES = ['rest', 'transit', 'grace', 'full'] as const satisfies readonly Phase[];
export type LivePhase = (typeof LIVE_PHASES)[number];

/** When a sensor counts as confirmed. */
export interface SensorRule {
  /** From the first sample that shows it active to the earliest one that confirms it. */
  readonly debounce: Milliseconds;
  /** A countdown before it is confirmed, by phase: whoever did it by mistake can undo it. Left out: none. */
  readonly preAlarm: Readonly<Partial<Record<LivePhase, Milliseconds>>>;
}

/** How hard and how many blows are an attack. */
export interface ShockRule {
  /** Peak acceleration from which a blow counts. Milli-g. */
  readonly level: number;
  /** Blows within the window. 1 to 16. */
  readonly count: number;
}

/** From where on a measured value is active. It stops being active `hysteresis` on the other side of it. */
export interface Threshold {
  readonly above: number;
  readonly hysteresis: number;
}

export interface CassetteSetting {
  readonly id: CassetteId;
  readonly mode: ManagementMode;
  readonly sensors: Readonly<Record<Sensor, SensorRule>>;
  readonly shock: {
    /** Blows are counted over so long. */
    readonly window: Milliseconds;
    /** While the cassette is carried. */
    readonly low: ShockRule;
    /** While it sits in the machine. */
    readonly high: ShockRule;
  };
  /** % of the lower explosive limit. The warning is reported and drives gas out; critical is the sensor's active state. */
  readonly gas: { readonly warning: number; readonly critical: number; readonly hysteresis: number };
  /** Degrees from upright. */
  readonly tilt: Threshold;
  /** Lux. */
  readonly light: Threshold;
  /** °C. */
  readonly temperature: Threshold & { readonly below: number };
  /** Sensors that stain beyond those of the source, by phase. */
  readonly alsoLive: {
    readonly transit: readonly OptionalSensor[];
    readonly full: readonly OptionalSensor[];
  };
  /** A sensor that changes as often within the window is reported as unsteady. */
  readonly unsteady: { readonly changes: number; readonly window: Milliseconds };
  readonly grace: {
    /** The grace time of mode 3. */
    readonly lasts: Milliseconds;
    /** How much of it is left when a warning is given, longest first. */
    readonly warnings: readonly Milliseconds[];
    /** From so much left on the signals are urgent; from a quarter of it on, most urgent. */
    readonly soon: Milliseconds;
    /**
     * At least so much is left after a restart or a lost link, so that neither makes it expire; and where the gateway
     * stood still for as long when it ended. 0: none.
     */
    readonly leastAfterReturn: Milliseconds;
  };
  readonly service: {
    /** The longest stay in service. */
    readonly lasts: Milliseconds;
    /** Whether a second person has to agree. */
    readonly twoPersons: boolean;
  };
  /** Whether leaving the stained phase takes a second person. */
  readonly resetByTwoPersons: boolean;
  /** In transit for longer: an alarm. Left out: never. */
  readonly transportWithin?: Milliseconds;
  /** Whether a cassette in transit or grace is fully armed as soon as it sits in the machine, without K2. */
  readonly automaticFull: boolean;
  /** Whether a use of K1 needs a person who identified otherwise to confirm it, and within which time. */
  readonly secondFactor: { readonly required: boolean; readonly within: Milliseconds };
  /** Whether K1 arms only a cassette that is known to be loaded. */
  readonly loadedRequired: boolean;
  readonly contact: ContactRule;
  readonly firing: {
    /** Pause before firing is tried again where the controller did not carry a step out. */
    readonly retryAfter: Milliseconds;
  };
  /** How often the time left of the grace time is put on record, so that a restart finds it; of other times, every twelfth of them. */
  readonly checkpointEvery: Milliseconds;
}

/** How a key has to touch its reader. */
export interface ContactRule {
  /** A key counts after so long in contact, at readers that tell how long. */
  readonly lasts: Milliseconds;
  /** The same key counts again only after so long off the reader. */
  readonly againAfter: Milliseconds;
  /** A key that was not seen for so long has left. */
  readonly goneAfter: Milliseconds;
}

/** Sensors that the source does not name; a site may make them live. */
export type OptionalSensor = Extract<Sensor, 'tilt' | 'light' | 'temperature'>;

const SECOND: Milliseconds = 1_000;
const MINUTE: Milliseconds = 60 * SECOND;

const at = (debounce: Milliseconds, preAlarm: SensorRule['preAlarm'] = {}): SensorRule => ({
  debounce,
  preAlarm,
});

/** What holds where a site says nothing else. */
export const CASSETTE_DEFAULTS: Omit<CassetteSetting, 'id' | 'mode'> = {
  sensors: {
    // At rest an open lid is more often a mistake than an attack; once armed it never is.
    lid: at(100, { rest: 3 * SECOND }),
    'break-in': at(50),
    // Blows are confirmed by their number.
    shock: at(0),
    position: at(200),
    gas: at(1 * SECOND),
    tilt: at(1 * SECOND),
    light: at(500),
    temperature: at(10 * SECOND),
  },
  shock: {
    window: 2 * SECOND,
    low: { level: 6_000, count: 4 },
    high: { level: 2_000, count: 2 },
  },
  gas: { warning: 10, critical: 20, hysteresis: 2 },
  tilt: { above: 45, hysteresis: 5 },
  light: { above: 20, hysteresis: 5 },
  temperature: { below: -20, above: 70, hysteresis: 3 },
  alsoLive: { transit: [], full: [] },
  unsteady: { changes: 12, window: MINUTE },
  grace: {
    lasts: 10 * MINUTE,
    warnings: [5 * MINUTE, 2 * MINUTE, MINUTE, 30 * SECOND, 15 * SECOND, 5 * SECOND],
    soon: MINUTE,
    leastAfterReturn: 30 * SECOND,
  },
  service: { lasts: 30 * MINUTE, twoPersons: false },
  resetByTwoPersons: true,
  automaticFull: false,
  secondFactor: { required: false, within: 30 * SECOND },
  loadedRequired: true,
  contact: { lasts: 500, againAfter: 2 * SECOND, goneAfter: 300 },
  firing: { retryAfter: 250 },
  checkpointEvery: 5 * SECOND,
};
