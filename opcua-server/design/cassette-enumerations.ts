/** The enumerations of cassettes: their numbers are those of `cassette-enumerations.ts`, their words those of people. */
import { type NameCode, type NameKind, nameOf } from '../../domain/texts/cassette-texts.ts';
import { LANGUAGES, type Language } from '../../domain/texts/texts.ts';
import { CASSETTE_NUMBERS, type CassetteEnumeration } from '../cassette-enumerations.ts';
import { type EnumerationDesign, type EnumerationValue, type Words, words } from './design.ts';

export const CASSETTE_ENUMERATIONS: readonly EnumerationDesign[] = [
  enumeration(
    'CassetteModeEnumeration',
    words('Mode of a cassette', 'Tryb kasety', 'Modalità di un cassetto'),
    words(
      'The way in which a cassette is managed.',
      'Sposób obsługi kasety.',
      'Il modo in cui un cassetto è gestito.',
    ),
    valuesOf(CASSETTE_NUMBERS.CassetteModeEnumeration, (mode) => titled('mode', mode)),
  ),
  enumeration(
    'CassetteStateEnumeration',
    words('State of a cassette', 'Stan kasety', 'Stato di un cassetto'),
    words(
      'What a cassette is in. Grace is transit with a running grace time.',
      'Stan, w którym jest kaseta. Grace to transport, podczas którego biegnie czas na umieszczenie w bankomacie.',
      'Lo stato in cui è un cassetto. Grace è il trasporto mentre corre il tempo di franchigia.',
    ),
    valuesOf(CASSETTE_NUMBERS.CassetteStateEnumeration, (phase) => titled('phase', phase)),
  ),
  enumeration(
    'CassetteSubStateEnumeration',
    words('Sub-state of a cassette', 'Podstan kasety', 'Sottostato di un cassetto'),
    words(
      'What goes on within the state of a cassette.',
      'Co się dzieje w obrębie stanu kasety.',
      'Che cosa succede all’interno dello stato di un cassetto.',
    ),
    valuesOf(CASSETTE_NUMBERS.CassetteSubStateEnumeration, (subState) => titled('sub-state', subState)),
  ),
  enumeration(
    'StainCauseEnumeration',
    words('Cause of a staining', 'Przyczyna barwienia', 'Causa di una macchiatura'),
    words(
      'Why the notes were stained, or are being.',
      'Dlaczego banknoty zostały lub są właśnie zabarwiane.',
      'Perché le banconote sono state macchiate, o lo sono in questo momento.',
    ),
    valuesOf(CASSETTE_NUMBERS.StainCauseEnumeration, (cause) =>
      cause === 'none' ? words('No cause', 'Brak przyczyny', 'Nessuna causa') : titled('cause', cause),
    ),
  ),
  enumeration(
    'PartStateEnumeration',
    words('State of a part', 'Stan podzespołu', 'Stato di un componente'),
    words(
      'State of a part that supervises itself.',
      'Stan podzespołu, który sam się nadzoruje.',
      'Stato di un componente che si sorveglia da sé.',
    ),
    valuesOf(CASSETTE_NUMBERS.PartStateEnumeration, (state) => titled('part-state', state)),
  ),
  enumeration(
    'PowerEnumeration',
    words('Power supply', 'Zasilanie', 'Alimentazione'),
    words(
      'What a cassette lives on.',
      'Z czego zasilana jest kaseta.',
      'Da che cosa è alimentato un cassetto.',
    ),
    valuesOf(CASSETTE_NUMBERS.PowerEnumeration, (power) => titled('part-state', power)),
  ),
  enumeration(
    'SelfTestEnumeration',
    words('Result of a self-test', 'Wynik autotestu', 'Esito di un autotest'),
    words(
      'The result of the last self-test.',
      'Wynik ostatniego autotestu.',
      'L’esito dell’ultimo autotest.',
    ),
    valuesOf(CASSETTE_NUMBERS.SelfTestEnumeration, (result) => titled('part-state', result)),
  ),
  enumeration(
    'StainerStateEnumeration',
    words('State of a stainer', 'Stan modułu barwiącego', 'Stato di un macchiatore'),
    words(
      'What the stainer can do. Prepared is the first of the two steps to firing; it falls back by itself.',
      'Co może zrobić moduł barwiący. Przygotowany to pierwszy z dwóch kroków do wyzwolenia; sam się wycofuje.',
      'Che cosa può fare il macchiatore. Preparato è il primo dei due passi verso lo scatto; decade da sé.',
    ),
    valuesOf(CASSETTE_NUMBERS.StainerStateEnumeration, (state) => titled('part-state', state)),
  ),
  enumeration(
    'NotesEnumeration',
    words('Notes inside', 'Banknoty w kasecie', 'Banconote nel cassetto'),
    words(
      'Whether notes lie inside, as far as the controller can tell.',
      'Czy w kasecie są banknoty, o ile sterownik może to stwierdzić.',
      'Se dentro ci sono banconote, per quanto può dire la centralina.',
    ),
    valuesOf(CASSETTE_NUMBERS.NotesEnumeration, (notes) => titled('part-state', notes)),
  ),
  enumeration(
    'GasLevelEnumeration',
    words('Level of gas', 'Poziom gazu', 'Livello di gas'),
    words(
      'How much explosive gas there is, by the limits of the site.',
      'Ile jest gazu wybuchowego, według progów obiektu.',
      'Quanto gas esplosivo c’è, secondo i limiti del sito.',
    ),
    valuesOf(CASSETTE_NUMBERS.GasLevelEnumeration, (level) => titled('gas-level', level)),
  ),
];

function enumeration(
  browse: CassetteEnumeration,
  name: Words,
  description: Words,
  values: readonly EnumerationValue[],
): EnumerationDesign {
  return { kind: 'enumeration', browse, name, description, values };
}

function valuesOf<Code extends string>(
  numbers: Readonly<Record<Code, number>>,
  nameFor: (code: Code) => Words,
): readonly EnumerationValue[] {
  return (Object.entries(numbers) as [Code, number][])
    .map(([code, number]) => ({ field: pascalCase(code), number, name: nameFor(code) }))
    .sort((a, b) => a.number - b.number);
}

/** The name of a code of cassettes, as it stands by itself. */
export function titled<Kind extends NameKind>(kind: Kind, code: NameCode<Kind>): Words {
  const name = nameOf(kind, code);
  const title = (language: Language): string => {
    const [first = '', ...rest] = name[language];
    return first.toLocaleUpperCase(language) + rest.join('');
  };
  const [en, pl, it] = LANGUAGES.map(title) as [string, string, string];
  return words(en, pl, it);
}

/** A code as a name in programs: `BreakIn` for `break-in`. */
export function pascalCase(code: string): string {
  return code
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
