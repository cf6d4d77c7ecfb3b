/** A4 paper to write and draw on, from top to bottom, with as many pages as it takes. All measures in points. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';

/** Colours by what they are for. */
export const COLOURS = {
  ink: '#1c2430',
  soft: '#5c6675',
  line: '#d5dae1',
  wash: '#f3f5f8',
  accent: '#a3123f',
  paper: '#ffffff',
} as const;

const MARGIN = 48;
/** Where the foot of a page begins, from its lower edge. */
const FOOT = 40;

/** IBM Plex Sans: it has every letter of the languages that people are served in. */
const FONTS = {
  regular: import.meta.resolve('@expo-google-fonts/ibm-plex-sans/400Regular/IBMPlexSans_400Regular.ttf'),
  strong: import.meta.resolve('@expo-google-fonts/ibm-plex-sans/600SemiBold/IBMPlexSans_600SemiBold.ttf'),
} as const;
export type Weight = keyof typeof FONTS;

export interface PaperOptions {
  /** Goes into the XML of the metadata as it is: without `<` and `&`, so nothing that people have named. */
  readonly title: string;
  /** The same holds for it. */
  readonly subject: string;
  /** BCP 47. */
  readonly language: string;
  /** The time that the document says it was made; with the same content the same file comes out. */
  readonly at: Date;
  /** Whether the content is compressed. Default true. */
  readonly compress?: boolean;
}

/** What a text is, for programs that read it out. */
type Role = 'H1' | 'H2' | 'P' | 'TH' | 'TD';

export interface TextOptions {
  /** Default `P`. */
  readonly role?: Role;
  readonly size?: number;
  readonly weight?: Weight;
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
  /** Points between lines. */
  readonly gap?: number;
}

export class Paper {
  readonly left = MARGIN;
  readonly width: number;
  readonly doc: PDFKit.PDFDocument;
  /** Where the next thing begins. */
  y = MARGIN;
  readonly #pages: Promise<Buffer>;
  /** Where what is written next belongs: the document, or a part of it. */
  #part: PDFKit.PDFStructureElement;
  /** Within something that is read out as a whole, or not at all. */
  #whole = false;

  /** PDF/A-2b, as what is kept for years should be: everything that it needs to be shown lies in it. */
  constructor({ title, subject, language, at, compress = true }: PaperOptions) {
    this.doc = new PDFDocument({
      size: 'A4',
      margin: 0,
      bufferPages: true,
      compress,
      pdfVersion: '1.7',
      subset: 'PDF/A-2b',
      tagged: true,
      lang: language,
      displayTitle: true,
      info: {
        Title: title,
        Subject: subject,
        Author: 'Sezam',
        Creator: 'Sezam',
        CreationDate: at,
      },
    });
    for (const [weight, file] of Object.entries(FONTS)) {
      this.doc.registerFont(weight, readFileSync(fileURLToPath(file)));
    }
    this.#part = this.doc.struct('Document');
    this.doc.addStructure(this.#part);
    this.width = this.doc.page.width - 2 * MARGIN;
    const chunks: Buffer[] = [];
    this.#pages = new Promise((resolve, reject) => {
      this.doc.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.doc.on('end', () => resolve(Buffer.concat(chunks)));
      this.doc.on('error', reject);
    });
  }

  /** Space that is left on this page. */
  get room(): number {
    return this.doc.page.height - FOOT - 12 - this.y;
  }

  /** Sees to it that so much space is left, on a new page if need be. @returns whether one was begun */
  need(height: number): boolean {
    if (height <= this.room) return false;
    this.newPage();
    return true;
  }

  newPage(): void {
    this.doc.addPage();
    this.y = MARGIN;
  }

  /** Writes a text at a place. @returns its height */
  write(text: string, x: number, y: number, width: number, options: TextOptions = {}): number {
    const { colour = COLOURS.ink, align = 'left', role = 'P' } = options;
    const height = this.heightOf(text, width, options);
    this.#set(options);
    const draw = (): void => {
      this.doc.fillColor(colour).text(text, x, y, { width, align, lineGap: options.gap ?? 0 });
    };
    if (this.#whole) draw();
    else this.#part.add(this.doc.struct(role, {}, draw));
    return height;
  }

  /** Parts that belong together, such as the rows of a table and the cells of a row. */
  group(role: 'Table' | 'TR', fill: () => void): void {
    const outer = this.#part;
    this.#part = this.doc.struct(role);
    outer.add(this.#part);
    fill();
    this.#part.end();
    this.#part = outer;
  }

  /** A picture, with what it shows in words. */
  figure(words: string, draw: () => void): void {
    this.#part.add(this.doc.struct('Figure', { alt: words }, () => this.#asWhole(draw)));
  }

  /** What is not read out: lines, and what a page repeats. */
  ornament(draw: () => void): void {
    if (this.#whole) {
      draw();
      return;
    }
    this.doc.markContent('Artifact', { type: 'Layout' });
    this.#asWhole(draw);
    this.doc.endMarkedContent();
  }

  /** Writes a paragraph over the whole width and goes on below it. */
  paragraph(text: string, options: TextOptions = {}): void {
    this.need(this.heightOf(text, this.width, options));
    this.y += this.write(text, this.left, this.y, this.width, options);
  }

  /** A heading, together with what comes below it. @param height of both at least */
  heading(text: string, height = 70): void {
    this.need(height);
    this.y += 14;
    this.y += this.write(text, this.left, this.y, this.width, {
      size: 10.5,
      weight: 'strong',
      colour: COLOURS.accent,
      role: 'H2',
    });
    this.y += 4;
  }

  heightOf(text: string, width: number, options: TextOptions = {}): number {
    this.#set(options);
    return this.doc.heightOfString(text, { width, lineGap: options.gap ?? 0 });
  }

  widthOf(text: string, options: TextOptions = {}): number {
    this.#set(options);
    return this.doc.widthOfString(text);
  }

  line(
    fromX: number,
    fromY: number,
    toX: number,
    toY: number,
    colour: string = COLOURS.line,
    width = 0.6,
  ): void {
    this.ornament(() => {
      this.doc.moveTo(fromX, fromY).lineTo(toX, toY).lineWidth(width).strokeColor(colour).stroke();
    });
  }

  box(x: number, y: number, width: number, height: number, colour: string, radius = 0): void {
    this.ornament(() => {
      this.doc.roundedRect(x, y, width, height, radius).fillColor(colour).fill();
    });
  }

  /** Writes the foot of every page, and resolves with the finished document. */
  finish(foot: (page: number, pages: number) => readonly [left: string, right: string]): Promise<Buffer> {
    const { start, count } = this.doc.bufferedPageRange();
    for (let index = 0; index < count; index += 1) {
      this.doc.switchToPage(start + index);
      const y = this.doc.page.height - FOOT;
      const [left, right] = foot(index + 1, count);
      this.ornament(() => {
        this.line(this.left, y, this.left + this.width, y);
        const look = { size: 7.5, colour: COLOURS.soft } as const;
        const middle = this.left + this.width * 0.75;
        this.write(left, this.left, y + 6, this.width * 0.75, look);
        this.write(right, middle, y + 6, this.width * 0.25, { ...look, align: 'right' });
      });
    }
    this.doc.end();
    return this.#pages;
  }

  #asWhole(draw: () => void): void {
    this.#whole = true;
    draw();
    this.#whole = false;
  }

  #set({ size = 9.5, weight = 'regular' }: TextOptions): void {
    this.doc.font(weight).fontSize(size);
  }
}
