/**
 * The door of one compartment as events tell it. `forced` and `left-open` are open doors with an alarm.
 * `unknown` until the board has first answered.
 */
export type DoorState = 'unknown' | 'closed' | 'open' | 'left-open' | 'forced';
