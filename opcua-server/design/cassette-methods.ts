/** The methods of a cassette. What each takes is told by the table of its commands. */
import { CASSETTE_COMMANDS, type CassetteCommandName } from '../cassette-command-table.ts';
import { REASON, RESULT } from './arguments.ts';
import { type ArgumentDesign, type MethodDesign, type Words, words } from './design.ts';

type MoreArgument = NonNullable<(typeof CASSETTE_COMMANDS)[CassetteCommandName]['more']>;

const MORE: Readonly<Record<MoreArgument, ArgumentDesign>> = {
  Minutes: {
    name: 'Minutes',
    type: 'ua:UInt16',
    description: words(
      'How long the service may last, at most; 0 for as long as the site allows.',
      'Jak długo najwyżej może trwać serwis; 0: tak długo, jak pozwala obiekt.',
      'Quanto può durare al massimo il servizio; 0: quanto consente il sito.',
    ),
  },
  Loaded: {
    name: 'Loaded',
    type: 'ua:Boolean',
    description: words(
      'Whether notes lie inside.',
      'Czy w kasecie są banknoty.',
      'Se dentro ci sono banconote.',
    ),
  },
};

const SECOND_PERSON: readonly ArgumentDesign[] = [
  {
    name: 'SecondLogin',
    type: 'ua:String',
    description: words(
      'Login of the second person, where two have to agree; else empty.',
      'Login drugiej osoby, gdy muszą zgodzić się dwie; w przeciwnym razie puste.',
      'Nome di accesso della seconda persona, dove devono essere d’accordo in due; altrimenti vuoto.',
    ),
  },
  {
    name: 'SecondPassword',
    type: 'ua:String',
    description: words(
      'Password of the second person; it is checked and kept nowhere.',
      'Hasło drugiej osoby; zostaje sprawdzone i nie jest nigdzie przechowywane.',
      'Password della seconda persona; viene verificata e non conservata.',
    ),
  },
];

export const CASSETTE_METHODS: readonly MethodDesign[] = [
  method(
    'EnterService',
    words('Enter service', 'Rozpocznij serwis', 'Entra in servizio'),
    words(
      'From rest, for a limited time: the cassette may be opened and loaded, and nothing can fire. For administrators.',
      'Ze spoczynku, na ograniczony czas: kasetę można otworzyć i załadować, a barwienie jest niemożliwe. Dla administratorów.',
      'Dal riposo, per un tempo limitato: il cassetto si può aprire e caricare, e nulla può scattare. Per gli amministratori.',
    ),
  ),
  method(
    'FinishService',
    words('Finish service', 'Zakończ serwis', 'Termina il servizio'),
    words(
      'Back to rest, with the lid closed. For administrators.',
      'Powrót do spoczynku, z zamkniętą pokrywą. Dla administratorów.',
      'Di nuovo a riposo, con il coperchio chiuso. Per gli amministratori.',
    ),
  ),
  method(
    'ResetStained',
    words('Reset after staining', 'Zresetuj po zabarwieniu', 'Ripristina dopo la macchiatura'),
    words(
      'From stained into service, to put in a new cartridge. For administrators.',
      'Ze stanu zabarwienia do serwisu, by założyć nowy zasobnik barwnika. Dla administratorów.',
      'Dallo stato macchiato al servizio, per mettere una cartuccia nuova. Per gli amministratori.',
    ),
  ),
  method(
    'OverrideKey',
    words('Override key', 'Zastąp klucz', 'Sostituisci la chiave'),
    words(
      'In place of a key that was lost: one stage down, as the same key would. Always takes two persons. For administrators.',
      'W miejsce zgubionego klucza: o jeden stopień niżej, jak zrobiłby to ten sam klucz. Zawsze wymaga dwóch osób. Dla administratorów.',
      'Al posto di una chiave smarrita: un livello in meno, come farebbe la stessa chiave. Servono sempre due persone. Per gli amministratori.',
    ),
  ),
  method(
    'ConfirmKey',
    words('Confirm key', 'Potwierdź klucz', 'Conferma la chiave'),
    words(
      'The second factor of a use of K1, within the time of the site. For administrators.',
      'Drugi składnik użycia klucza K1, w czasie ustalonym dla obiektu. Dla administratorów.',
      'Il secondo fattore di un uso di K1, entro il tempo del sito. Per gli amministratori.',
    ),
  ),
  method(
    'BeginTest',
    words('Begin test', 'Rozpocznij test', 'Inizia la prova'),
    words(
      'In service: each sensor that is tried is recorded, and nothing can fire. For administrators.',
      'W serwisie: każdy wypróbowany czujnik zostaje zapisany, a barwienie jest niemożliwe. Dla administratorów.',
      'In servizio: ogni sensore provato viene registrato, e nulla può scattare. Per gli amministratori.',
    ),
  ),
  method(
    'EndTest',
    words('End test', 'Zakończ test', 'Termina la prova'),
    words(
      'Ends the test of the sensors. For administrators.',
      'Kończy test czujników. Dla administratorów.',
      'Termina la prova dei sensori. Per gli amministratori.',
    ),
  ),
  method(
    'SelfTest',
    words('Self-test', 'Autotest', 'Autotest'),
    words(
      'At rest or in service: the controller tests battery, ink and trigger, and tells the result in Supervision. For administrators.',
      'W spoczynku lub serwisie: sterownik sprawdza baterię, barwnik i wyzwalacz, a wynik podaje w Supervision. Dla administratorów.',
      'A riposo o in servizio: la centralina prova batteria, liquido maculante e innesco, e dà l’esito in Supervision. Per gli amministratori.',
    ),
  ),
];

function method(browse: CassetteCommandName, name: Words, description: Words): MethodDesign {
  const { more, twoPersons } = CASSETTE_COMMANDS[browse];
  return {
    kind: 'method',
    browse,
    name,
    description,
    inputs: [REASON, ...(more ? [MORE[more]] : []), ...(twoPersons ? SECOND_PERSON : [])],
    outputs: RESULT,
  };
}
