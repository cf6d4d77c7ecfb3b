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

/**
 * How much of an iButton's number a reader sends: the ROM in 16 hex digits, or the six bytes of the serial number alone
 * in 12, which nothing proves. Makers offer both, in either order (In-Touch Solutions, keyboard wedges 0016-S1 to S4).
 */
export const IBUTTON_FORMATS = ['rom', 'serial'] as const;
export type IButtonFormat = (typeof IBUTTON_FORMATS)[number];

/** Settings of a reader that sends lines of text, in a site file. All may be left out. */
export interface LineReaderSettings {
  readonly kind: LineKind;
  readonly start: 'none' | 'STX';
  readonly end: LineEnd;
  readonly cardFormat: CardFormat;
  readonly iButtonFormat: IButtonFormat;
  /** `either`: the checksum tells. Without one, as in the format `serial`, it has to be said. */
  readonly iButtonOrder: IButtonOrder;
  /** Family code of the keys, two hex digits, where the format leaves it out. */
  readonly iButtonFamily: string;
  /** A line that does not go on is forgotten after so long. */
  readonly idleMilliseconds: number;
}

export const DEFAULT_SETTINGS: LineReaderSettings = {
  kind: 'by-prefix',
  start: 'none',
  end: 'CR',
  cardFormat: 'hex',
  iButtonFormat: 'rom',
  iButtonOrder: 'either',
  iButtonFamily: '01',
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
    iButtonFormat: { enum: IBUTTON_FORMATS, default: DEFAULT_SETTINGS.iButtonFormat },
    iButtonOrder: { enum: IBUTTON_ORDERS, default: DEFAULT_SETTINGS.iButtonOrder },
    iButtonFamily: {
      type: 'string',
      pattern: '^(?!00)[0-9A-Fa-f]{2}$',
      default: DEFAULT_SETTINGS.iButtonFamily,
    },
    idleMilliseconds: {
      type: 'integer',
      minimum: 50,
      maximum: 10_000,
      default: DEFAULT_SETTINGS.idleMilliseconds,
    },
  },
  if: { properties: { iButtonFormat: { const: 'rom' } } },
  else: { required: ['iButtonOrder'], properties: { iButtonOrder: { enum: ['transmitted', 'label'] } } },
} as const;
