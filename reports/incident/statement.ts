/**
 * The statement of a staining on paper: what happened on the first page, with room for those who sign, and what was
 * recorded in the annex.
 */
import type { Language } from '../../domain/texts/texts.ts';
import type { SealedIncident } from '../../gateway/cassettes/incident-seal.ts';
import { COLOURS, Paper } from '../paper.ts';
import { type Content, contentOf, type Fact, type Proof, type TimelineRow } from './content.ts';
import { drawPicture, pictureHeight } from './draw-picture.ts';
import { pictureOf } from './picture.ts';
import { timeWriter, type Word, word } from './words.ts';

export interface StatementOptions {
  readonly language: Language;
  /** Of the key that signed the record, 64 hex digits. */
  readonly fingerprint: string;
  /** Whether the events of the record follow one another; where they do not, the statement says so. */
  readonly sound: boolean;
  /** Whether the content is compressed. Default true. */
  readonly compress?: boolean;
}

/**
 * The statement of a sealed record as a PDF (PDF/A-2b). The same record in the same language gives the same bytes: the
 * document bears the time of the staining, not of its making.
 */
export function incidentStatement(
  { incident, digest }: Pick<SealedIncident, 'incident' | 'digest'>,
  { language, fingerprint, sound, compress }: StatementOptions,
): Promise<Buffer> {
  const proof: Proof = { digest, fingerprint, sound };
  const content = contentOf(incident, proof, language);
  const paper = new Paper({
    title: `${content.title}: ${incident.id}`,
    subject: content.subject,
    language,
    at: new Date(incident.stained.at),
    ...(compress !== undefined && { compress }),
  });
  const statement = new Statement(paper, content, language);
  statement.front(() => {
    const picture = pictureOf(incident);
    paper.heading(word(language, 'hour-before'), pictureHeight(picture));
    drawPicture(paper, picture, language, timeWriter(language, incident.site.timeZone));
  });
  statement.annex();
  return paper.finish((page, pages) => [
    `${content.title} · ${incident.id}\nSHA-256 ${grouped(digest)}`,
    word(language, 'page', { page, pages }),
  ]);
}

/** Text of tables. */
const SMALL = { size: 8.5 } as const;
const FAINT = { size: 8.5, colour: COLOURS.soft } as const;
const CELL = { ...SMALL, role: 'TD' } as const;
const FAINT_CELL = { ...FAINT, role: 'TD' } as const;
const HEAD = { size: 8, weight: 'strong', colour: COLOURS.soft, role: 'TH' } as const;
/** Height of what the responsible persons fill in. */
const SIGNATURES = 152;

/** A digest in groups that can be compared by eye; anything else as it is. */
function grouped(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.replace(/(.{8})(?=.)/g, '$1 ') : text;
}

class Statement {
  readonly #paper: Paper;
  readonly #content: Content;
  readonly #language: Language;

  constructor(paper: Paper, content: Content, language: Language) {
    this.#paper = paper;
    this.#content = content;
    this.#language = language;
  }

  /** The first page. */
  front(picture: () => void): void {
    const paper = this.#paper;
    const { title, lead, warning, facts, armedBy } = this.#content;
    paper.box(paper.left, paper.y, 36, 4, COLOURS.accent);
    paper.y += 12;
    paper.paragraph(title, { size: 20, weight: 'strong', role: 'H1' });
    paper.y += 8;
    paper.paragraph(lead, { size: 11, gap: 2 });
    if (warning !== undefined) {
      paper.y += 6;
      paper.paragraph(warning, { weight: 'strong', colour: COLOURS.accent, gap: 2 });
    }
    paper.y += 10;
    this.#grid(facts);
    this.#armedBy(armedBy);
    picture();
    paper.heading(this.#say('why'));
    paper.paragraph(this.#say('why-text'), { size: 8.5, colour: COLOURS.soft, gap: 1.5 });
    this.#signatures();
  }

  /** What comes after it. */
  annex(): void {
    const paper = this.#paper;
    const { sensors, parts, timeline, leftOut } = this.#content;
    paper.newPage();
    paper.paragraph(this.#say('annex'), { size: 14, weight: 'strong', role: 'H1' });
    paper.heading(this.#say('sensors'));
    this.#table(
      [this.#say('sensor'), this.#say('in-this-state'), this.#say('found'), this.#say('measured')],
      [0.2, 0.3, 0.26, 0.24],
      sensors,
    );
    paper.heading(this.#say('parts'));
    this.#inLine(parts);
    paper.heading(this.#say('proof'), 120);
    this.#proof();
    paper.heading(this.#say('timeline'), 60);
    paper.group('Table', () => {
      paper.group('TR', () => this.#timelineHead());
      for (const row of timeline) this.#timelineRow(row);
    });
    paper.y += 6;
    for (const line of leftOut) paper.paragraph(line, FAINT);
  }

  #say(code: Word): string {
    return word(this.#language, code);
  }

  /** Facts side by side, two in a row. */
  #grid(facts: readonly Fact[]): void {
    const paper = this.#paper;
    const width = paper.width / 2 - 12;
    for (let index = 0; index < facts.length; index += 2) {
      const pair = facts.slice(index, index + 2);
      const height = Math.max(...pair.map(({ value }) => paper.heightOf(value, width))) + 18;
      paper.need(height);
      pair.forEach(({ name, value }, column) => {
        const x = paper.left + column * (width + 24);
        paper.write(name, x, paper.y, width, { size: 7.5, colour: COLOURS.soft });
        paper.write(value, x, paper.y + 10, width);
      });
      paper.y += height;
    }
  }

  #armedBy(lines: readonly string[]): void {
    const paper = this.#paper;
    if (lines.length === 0) return;
    paper.paragraph(this.#say('armed-by'), { size: 7.5, colour: COLOURS.soft });
    for (const line of lines) paper.paragraph(line);
  }

  #signatures(): void {
    const paper = this.#paper;
    // At the foot of the page, where such lines are looked for.
    if (paper.room >= SIGNATURES) paper.y += paper.room - SIGNATURES;
    paper.heading(this.#say('signatures'), SIGNATURES);
    paper.y += 2;
    paper.paragraph(this.#say('notes-concerned'), { size: 7.5, colour: COLOURS.soft });
    paper.y += 20;
    paper.line(paper.left, paper.y, paper.left + paper.width, paper.y, COLOURS.soft);
    const widths = [0.3, 0.4, 0.3];
    const names = [this.#say('place-and-date'), this.#say('name-and-function'), this.#say('signature')];
    for (let person = 0; person < 2; person += 1) {
      paper.y += 34;
      let { left: x } = paper;
      names.forEach((name, column) => {
        const width = paper.width * (widths[column] ?? 0);
        paper.line(x, paper.y, x + width - 16, paper.y, COLOURS.soft);
        paper.write(name, x, paper.y + 3, width - 16, { size: 7.5, colour: COLOURS.soft });
        x += width;
      });
    }
    paper.y += 18;
  }

  #table(head: readonly string[], widths: readonly number[], rows: readonly (readonly string[])[]): void {
    this.#paper.group('Table', () => {
      this.#row(head, widths, HEAD);
      for (const row of rows) this.#row(row, widths, CELL);
    });
  }

  #row(cells: readonly string[], widths: readonly number[], look: typeof HEAD | typeof CELL): void {
    const paper = this.#paper;
    const columns = widths.map((share) => share * paper.width);
    const height = Math.max(
      ...cells.map((cell, column) => paper.heightOf(cell, (columns[column] ?? 0) - 8, look)),
    );
    paper.need(height + 6);
    paper.group('TR', () => {
      let { left: x } = paper;
      cells.forEach((cell, column) => {
        paper.write(cell, x, paper.y + 2.5, (columns[column] ?? 0) - 8, look);
        x += columns[column] ?? 0;
      });
    });
    paper.y += height + 5;
    paper.line(paper.left, paper.y, paper.left + paper.width, paper.y);
  }

  /** Facts in one paragraph. */
  #inLine(facts: readonly Fact[]): void {
    const text = facts.map(({ name, value }) => `${name}: ${value}`).join('  ·  ');
    this.#paper.paragraph(text, { size: 8.5, gap: 2 });
  }

  #proof(): void {
    const paper = this.#paper;
    for (const { name, value } of this.#content.proof) {
      const text = grouped(value);
      const height = paper.heightOf(text, paper.width - 150, SMALL) + 3;
      paper.need(height);
      paper.write(name, paper.left, paper.y, 146, FAINT);
      paper.write(text, paper.left + 150, paper.y, paper.width - 150, SMALL);
      paper.y += height;
    }
    paper.y += 3;
    paper.paragraph(this.#say('verify'), { ...FAINT, gap: 1.5 });
  }

  #timelineHead(): void {
    const paper = this.#paper;
    const [number, time, utc, text] = this.#columns();
    paper.write(this.#say('number'), number, paper.y, 34, HEAD);
    paper.write(this.#say('site-time'), time, paper.y, utc - time, HEAD);
    paper.write(this.#say('utc'), utc, paper.y, 64, HEAD);
    paper.write(this.#say('what-happened'), text, paper.y, 200, HEAD);
    paper.y += 13;
    paper.line(paper.left, paper.y, paper.left + paper.width, paper.y);
  }

  #timelineRow({ seq, day, time, utc, text, who, attack }: TimelineRow): void {
    const paper = this.#paper;
    const [numberX, timeX, utcX, textX] = this.#columns();
    const width = paper.left + paper.width - textX;
    const look = attack ? ({ ...CELL, weight: 'strong', colour: COLOURS.accent } as const) : CELL;
    const height = paper.heightOf(text, width, look) + (who === undefined ? 0 : 11);
    if (paper.need(height + 5 + (day === undefined ? 0 : 16))) paper.ornament(() => this.#timelineHead());
    if (day !== undefined) {
      paper.group('TR', () => {
        paper.write(day, timeX, paper.y + 4, paper.width, { ...CELL, weight: 'strong' });
      });
      paper.y += 16;
    }
    paper.group('TR', () => {
      paper.write(String(seq), numberX, paper.y + 2.5, 30, FAINT_CELL);
      paper.write(time, timeX, paper.y + 2.5, utcX - timeX, CELL);
      paper.write(utc, utcX, paper.y + 2.5, textX - utcX, FAINT_CELL);
      paper.write(text, textX, paper.y + 2.5, width, look);
      if (who !== undefined) paper.write(who, textX, paper.y + height - 8, width, FAINT_CELL);
    });
    paper.y += height + 5;
    paper.line(paper.left, paper.y, paper.left + paper.width, paper.y);
  }

  #columns(): readonly [number: number, time: number, utc: number, text: number] {
    const { left } = this.#paper;
    return [left, left + 34, left + 112, left + 178];
  }
}
