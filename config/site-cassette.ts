/** Cassettes as a site file gives them; `config/schemas/cassettes.schema.json` says the same to ajv. */
import type { Sensor } from '../domain/cassette/readings.ts';
import type { LivePhase, ManagementMode, OptionalSensor } from '../domain/cassette/setting.ts';

/** Most cassettes that one gateway watches over. */
export const MOST_CASSETTES = 64;

/** Name of the driver that a controller has where the site file names none. */
export const USUAL_CONTROLLER = 'cassette-controller';

/** The address of a controller that is alone on its bus. */
export const USUAL_ADDRESS = 1;

export interface ControllerSetting {
  /** A bus that only controllers are on. */
  readonly bus: string;
  /** Address on the bus, as the driver counts it. Default `USUAL_ADDRESS`. */
  readonly address?: number;
  /** Name of a cassette controller driver: a folder of `drivers/`. Default `USUAL_CONTROLLER`. */
  readonly driver?: string;
  /** Checked against the driver's own schema. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A reader of keys that is not the controller's own, on a bus by itself. */
export interface KeyReaderSetting {
  /** Not the id of any other reader or panel. */
  readonly id: string;
  readonly bus: string;
  /** Name of a reader driver: a folder of `drivers/`. */
  readonly driver: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** How a sensor is confirmed. Blows are not: they are confirmed by their number. */
export interface SensorSetting {
  readonly debounceMilliseconds?: number;
  /** A countdown before it is confirmed, by phase; 0: none. */
  readonly preAlarmSeconds?: Readonly<Partial<Record<LivePhase, number>>>;
}

export interface ShockSetting {
  /** Peak acceleration from which a blow counts, in thousandths of the acceleration of gravity. */
  readonly levelMilliG?: number;
  /** Blows within the window. */
  readonly count?: number;
}

/** What is left out of a cassette is as `CASSETTE_DEFAULTS` says. */
export interface SiteCassette {
  readonly id: string;
  readonly name: string;
  readonly mode: ManagementMode;
  readonly controller: ControllerSetting;
  readonly keyReaders?: readonly KeyReaderSetting[];
  readonly sensors?: Readonly<Partial<Record<Exclude<Sensor, 'shock'>, SensorSetting>>>;
  readonly shock?: {
    readonly windowSeconds?: number;
    readonly low?: ShockSetting;
    readonly high?: ShockSetting;
  };
  /** % of the lower explosive limit. */
  readonly gas?: {
    readonly warningPercent?: number;
    readonly criticalPercent?: number;
    readonly hysteresisPercent?: number;
  };
  readonly tilt?: { readonly aboveDegrees?: number; readonly hysteresisDegrees?: number };
  readonly light?: { readonly aboveLux?: number; readonly hysteresisLux?: number };
  readonly temperature?: {
    readonly belowCelsius?: number;
    readonly aboveCelsius?: number;
    readonly hysteresisCelsius?: number;
  };
  readonly alsoLive?: {
    readonly transit?: readonly OptionalSensor[];
    readonly full?: readonly OptionalSensor[];
  };
  readonly unsteady?: { readonly changes?: number; readonly windowSeconds?: number };
  /** Mode `internal-protected-zone` only. */
  readonly grace?: {
    readonly minutes?: number;
    /** How much of the grace time is left at each warning, in any order. */
    readonly warningsSeconds?: readonly number[];
    readonly soonSeconds?: number;
    readonly leastAfterReturnSeconds?: number;
  };
  readonly service?: { readonly minutes?: number; readonly twoPersons?: boolean };
  readonly resetByTwoPersons?: boolean;
  readonly transportMinutes?: number;
  readonly automaticFull?: boolean;
  readonly secondFactor?: { readonly required?: boolean; readonly withinSeconds?: number };
  readonly loadedRequired?: boolean;
  readonly contact?: {
    readonly milliseconds?: number;
    readonly againAfterSeconds?: number;
    readonly goneAfterMilliseconds?: number;
  };
  readonly firing?: { readonly retryMilliseconds?: number };
  readonly checkpointSeconds?: number;
}
