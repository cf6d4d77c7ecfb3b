/** Alarms by id. */
import type { Alarm, AlarmId } from './alarm.ts';

/** Parts of the book: of a changed copy only the part with the alarm is written anew. */
const PARTS = 256;

/** Never changes: what changes it is a copy, that costs little however many alarms there are. */
export class AlarmBook {
  static readonly EMPTY = new AlarmBook([], 0);

  readonly #parts: readonly (ReadonlyMap<AlarmId, Alarm> | undefined)[];
  readonly size: number;

  private constructor(parts: readonly (ReadonlyMap<AlarmId, Alarm> | undefined)[], size: number) {
    this.#parts = parts;
    this.size = size;
  }

  static of(alarms: Iterable<Alarm>): AlarmBook {
    const parts: Map<AlarmId, Alarm>[] = [];
    let size = 0;
    for (const alarm of alarms) {
      const place = partOf(alarm.id);
      const part = parts[place] ?? new Map<AlarmId, Alarm>();
      if (!part.has(alarm.id)) size += 1;
      parts[place] = part.set(alarm.id, alarm);
    }
    return new AlarmBook(parts, size);
  }

  get(id: AlarmId): Alarm | undefined {
    return this.#parts[partOf(id)]?.get(id);
  }

  *values(): Generator<Alarm> {
    for (const part of this.#parts) if (part) yield* part.values();
  }

  with(alarm: Alarm): AlarmBook {
    const place = partOf(alarm.id);
    const part = this.#parts[place];
    const parts = this.#parts.slice();
    parts[place] = new Map(part).set(alarm.id, alarm);
    return new AlarmBook(parts, part?.has(alarm.id) ? this.size : this.size + 1);
  }

  without(id: AlarmId): AlarmBook {
    const place = partOf(id);
    const part = new Map(this.#parts[place]);
    if (!part.delete(id)) return this;
    const parts = this.#parts.slice();
    parts[place] = part;
    return new AlarmBook(parts, this.size - 1);
  }
}

function partOf(id: AlarmId): number {
  let sum = 0;
  for (let index = 0; index < id.length; index += 1) sum = (Math.imul(sum, 31) + id.charCodeAt(index)) | 0;
  return (sum >>> 0) % PARTS;
}
