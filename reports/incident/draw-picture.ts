/** Draws the hour before a staining: one lane for the state, the keys, each sensor that showed something, and the link. */
import type { Phase } from '../../domain/cassette/setting.ts';
import { nameOf } from '../../domain/texts/cassette-texts.ts';
import type { Language } from '../../domain/texts/texts.ts';
import { COLOURS, type Paper } from '../paper.ts';
import type { KeyPoint, Picture, Span } from './picture.ts';
import { large, type TimeWriter, type Word, word } from './words.ts';

/** The phases by colours that differ in lightness too, for printers and eyes without colour. */
const PHASE_COLOURS: Readonly<Record<Phase, string>> = {
  service: '#9aa5b4',
  rest: '#5f9e78',
  transit: '#e0a92e',
  grace: '#d97b29',
  full: '#2c5c9e',
  stained: COLOURS.accent,
};
const LIVE = COLOURS.accent;
const REPORTED = '#e3b9a0';
const SILENT = '#8c94a1';

const LABEL_WIDTH = 78;
const BAND = 24;
const LANE = 17;
/** Keys have a line for those that were used and one for those that were refused. */
const KEY_LANE = 24;
/** Marks that are drawn at most in one lane; more could not be told apart. */
const MOST_MARKS = 500;

/** Height that the picture takes, with its legend. */
export function pictureHeight(picture: Picture): number {
  return 14 + BAND + 6 + lanesHeight(picture) + 16 + 30;
}

function lanesHeight({ sensors, silences }: Picture): number {
  return KEY_LANE + (sensors.length + (silences.length > 0 ? 1 : 0)) * LANE;
}

/** Draws it at the paper's place and goes on below. */
export function drawPicture(paper: Paper, picture: Picture, language: Language, times: TimeWriter): void {
  new PictureDrawing(paper, picture, language, times).draw();
}

class PictureDrawing {
  readonly #paper: Paper;
  readonly #picture: Picture;
  readonly #language: Language;
  readonly #times: TimeWriter;
  readonly #left: number;
  readonly #width: number;

  constructor(paper: Paper, picture: Picture, language: Language, times: TimeWriter) {
    this.#paper = paper;
    this.#picture = picture;
    this.#language = language;
    this.#times = times;
    this.#left = paper.left + LABEL_WIDTH;
    this.#width = paper.width - LABEL_WIDTH;
  }

  draw(): void {
    this.#paper.figure(this.#words(), () => this.#drawAll());
  }

  /** What the picture shows, for those who do not see it. */
  #words(): string {
    const { from, to, phases } = this.#picture;
    const minute = (at: number): string => this.#times.minute(new Date(at).toISOString());
    const said = phases.map(
      (span) => `${nameOf('phase', span.phase)[this.#language]} ${minute(span.from)}–${minute(span.to)}`,
    );
    return word(this.#language, 'picture-words', {
      from: minute(from),
      to: minute(to),
      phases: said.join(', '),
    });
  }

  #drawAll(): void {
    const { to, phases, keys, sensors, silences } = this.#picture;
    const top = this.#paper.y + 14;
    const bottom = top + BAND + 6 + lanesHeight(this.#picture);
    this.#drawScale(top, bottom);
    this.#label(word(this.#language, 'state-lane'), top, BAND);
    for (const span of phases) this.#drawPhase(span, top);
    let y = top + BAND + 6;
    this.#label(word(this.#language, 'key-lane'), y, KEY_LANE);
    for (const accepted of [true, false]) {
      const points = keys.filter((point) => point.accepted === accepted).slice(-MOST_MARKS);
      this.#drawKeys(points, y + (accepted ? 7 : 17));
    }
    y += KEY_LANE;
    for (const { sensor, spans } of sensors) {
      this.#label(large(nameOf('sensor', sensor)[this.#language]), y, LANE);
      for (const span of spans.slice(-MOST_MARKS)) this.#bar(span, y, span.live ? LIVE : REPORTED);
      y += LANE;
    }
    if (silences.length > 0) {
      this.#label(word(this.#language, 'link-lane'), y, LANE);
      for (const span of silences.slice(-MOST_MARKS)) this.#bar(span, y, SILENT);
    }
    this.#drawStaining(to, top, bottom);
    this.#paper.y = bottom + 16;
    this.#drawLegend();
  }

  #x(at: number): number {
    const { from, to } = this.#picture;
    return this.#left + ((at - from) / (to - from)) * this.#width;
  }

  #label(text: string, y: number, height: number): void {
    const look = { size: 8, colour: COLOURS.soft } as const;
    this.#paper.write(text, this.#paper.left, y + height / 2 - 5, LABEL_WIDTH - 8, look);
  }

  #drawScale(top: number, bottom: number): void {
    const { ticks, to } = this.#picture;
    this.#paper.box(this.#left, top + BAND + 6, this.#width, bottom - top - BAND - 6, COLOURS.wash);
    for (const tick of ticks) {
      const x = this.#x(tick);
      this.#paper.line(x, top, x, bottom + 3);
      // The label at the end says when it was stained.
      if (this.#x(to) - x < 46) continue;
      const text = this.#times.minute(new Date(tick).toISOString());
      const look = { size: 7.5, colour: COLOURS.soft, align: 'center' } as const;
      this.#paper.write(text, x - 20, bottom + 4, 40, look);
    }
  }

  #drawPhase({ phase, from, to }: Picture['phases'][number], top: number): void {
    const x = this.#x(from);
    const width = Math.max(0.8, this.#x(to) - x);
    this.#paper.box(x, top, width, BAND, PHASE_COLOURS[phase]);
    const name = nameOf('phase', phase)[this.#language];
    const look = {
      size: 8,
      weight: 'strong',
      colour: phase === 'transit' ? COLOURS.ink : COLOURS.paper,
    } as const;
    if (this.#paper.widthOf(name, look) + 8 > width) return;
    this.#paper.write(name, x + 4, top + BAND / 2 - 5.5, width, look);
  }

  #drawKeys(keys: readonly KeyPoint[], y: number): void {
    keys.forEach((point, index) => {
      const x = this.#x(point.at);
      this.#drawKey(x, y, point.accepted);
      const next = keys[index + 1];
      const free = (next ? this.#x(next.at) : this.#left + this.#width) - x - 12;
      const look = { size: 7, colour: COLOURS.ink } as const;
      if (point.key === undefined || this.#paper.widthOf(point.key, look) > free) return;
      this.#paper.write(point.key, x + 6, y - 4.5, free + 4, look);
    });
  }

  /** Used: a full disc. Refused: a cross. They differ without their colours. */
  #drawKey(x: number, y: number, accepted: boolean): void {
    const { doc } = this.#paper;
    if (accepted) doc.circle(x, y, 3.6).fillColor(COLOURS.ink).fill();
    else {
      this.#paper.line(x - 3, y - 3, x + 3, y + 3, LIVE, 1.5);
      this.#paper.line(x - 3, y + 3, x + 3, y - 3, LIVE, 1.5);
    }
  }

  #bar({ from, to }: Span, y: number, colour: string): void {
    const x = this.#x(from);
    const width = Math.max(3, this.#x(to) - x);
    // What is too short to be seen grows to the left where the line of the staining is.
    const left = Math.min(x, this.#left + this.#width - width - 1.5);
    this.#paper.box(left, y + 4, width, LANE - 8, colour, 1);
  }

  #drawStaining(at: number, top: number, bottom: number): void {
    const x = this.#x(at);
    this.#paper.line(x, top - 6, x, bottom + 3, LIVE, 1.6);
    const look = { size: 7.5, weight: 'strong', colour: LIVE, align: 'right' } as const;
    const time = this.#times.time(new Date(at).toISOString());
    this.#paper.write(word(this.#language, 'stained-mark'), x - 160, top - 16, 160, look);
    this.#paper.write(time, x - 60, bottom + 4, 60, look);
  }

  #drawLegend(): void {
    const { keys, sensors, silences, phases } = this.#picture;
    const spans = sensors.flatMap((lane) => lane.spans);
    let x = this.#left;
    const { y } = this.#paper;
    const say = (text: string, mark: (x: number) => void): void => {
      const look = { size: 7.5, colour: COLOURS.soft } as const;
      const width = this.#paper.widthOf(text, look) + 24;
      if (x + width > this.#left + this.#width + 12) {
        x = this.#left;
        this.#paper.y += 11;
      }
      mark(x);
      this.#paper.write(text, x + 11, this.#paper.y + 1, width, look);
      x += width;
    };
    const block = (colour: string) => (at: number) => this.#paper.box(at, this.#paper.y + 3, 7, 7, colour, 1);
    const entry = (code: Word, mark: (x: number) => void): void => say(word(this.#language, code), mark);
    this.#paper.y = y + 4;
    for (const phase of new Set(phases.map((span) => span.phase))) {
      say(nameOf('phase', phase)[this.#language], block(PHASE_COLOURS[phase]));
    }
    const key = (accepted: boolean) => (at: number) => this.#drawKey(at + 3.5, this.#paper.y + 6.5, accepted);
    if (keys.some(({ accepted }) => accepted)) entry('key-used', key(true));
    if (keys.some(({ accepted }) => !accepted)) entry('key-refused', key(false));
    if (spans.some(({ live }) => live)) entry('sensor-live', block(LIVE));
    if (spans.some(({ live }) => !live)) entry('sensor-reported', block(REPORTED));
    if (silences.length > 0) entry('no-answer', block(SILENT));
    this.#paper.y += 14;
  }
}
