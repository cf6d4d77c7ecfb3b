import { LINE_ENDS, type LineEnd } from '../line-parser.ts';

/** What a reader reads. `by-prefix`: `]Q` and a digit before the text make it a QR code, anything else a barcode. */
export const LINE_KINDS = ['by-prefix', 'barcode', 'qr', 'card', 'ibutton', 'phone', 'biometric'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

/** How a reader writes the number of a card. */
export const CARD_FORMATS = ['hex', 'decimal', 'wiegand26'] as const;
export type CardFormat = (typeof CARD_FORMATS)[number];

/** In which order a reader writes the eight bytes of an iButton: as they are sent, or as on its label. */
export const IBUTTON_ORDERS = ['either', 'transmitted', 'label'] as const;
export type IButtonOrder = (typeof IBUTTON_ORDERS)[number];

/** Settings of a reader that sends lines of text, in a site file. All may be left out. */
export interface LineReaderSettings {
  readonly kind: LineKind;
  readonly start: 'none' | 'STX';
  readonly end: LineEnd;
  readonly cardFormat: CardFormat;
  /** `either`: the checksum tells. */
  readonly iButtonOrder: IButtonOrder;
  /** A line that does not go on is forgotten after so long. */
  readonly idleMilliseconds: number;
}

export const DEFAULT_SETTINGS: LineReaderSettings = {
  kind: 'by-prefix',
  start: 'none',
  end: 'CR',
  cardFormat: 'hex',
  iButtonOrder: 'either',
  idleMilliseconds: 500,
};

export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    kind: { enum: LINE_KINDS, default: DEFAULT_SETTINGS.kind },
    start: { enum: ['none', 'STX'], default: DEFAULT_SETTINGS.start },
    end: { enum: LINE_ENDS, default: DEFAULT_SETTINGS.end },
    cardFormat: { enum: CARD_FORMATS, default: DEFAULT_SETTINGS.cardFormat },
    iButtonOrder: { enum: IBUTTON_ORDERS, default: DEFAULT_SETTINGS.iButtonOrder },
    idleMilliseconds: {
      type: 'integer',
      minimum: 50,
      maximum: 10_000,
      default: DEFAULT_SETTINGS.idleMilliseconds,
    },
  },
} as const;
