/**
 * The methods of a cabinet as a table: what each asks the gateway for, what it takes, what it answers, and what it says when it
 * is done. Who may call one is the gateway's to say (`Gateway.cabinetRoles`), by the operation that stands here.
 */
import { MOST_COMPARTMENTS } from '../domain/site.ts';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';
import { REASON, RESULT } from './design/arguments.ts';
import {
  type ArgumentDesign,
  type ObjectDesign,
  type VariableDesign,
  type Words,
  words,
} from './design/design.ts';

/** What is asked of one compartment, with nothing but a reason. */
export type CompartmentOperation =
  | 'open'
  | 'service-open'
  | 'release'
  | 'block'
  | 'unblock'
  | 'return-to-service'
  | 'empty';

export type CabinetCommandName =
  | 'Open'
  | 'ServiceOpen'
  | 'Release'
  | 'Block'
  | 'Unblock'
  | 'ReturnToService'
  | 'Empty'
  | 'OpenAll';

interface CabinetCommand {
  readonly operation: CompartmentOperation | 'open-all';
  readonly name: Words;
  readonly description: Words;
  readonly inputs: readonly ArgumentDesign[];
  readonly outputs: readonly ArgumentDesign[];
  /** What it says when it is done; may name `{compartments}`, how many there are to open. */
  readonly done: Sentence;
}

const COMPARTMENT: ArgumentDesign = {
  name: 'Compartment',
  type: 'ua:UInt16',
  description: words(
    `Number of the compartment, 1 to ${MOST_COMPARTMENTS}.`,
    `Numer skrytki, od 1 do ${MOST_COMPARTMENTS}.`,
    `Numero dello scomparto, da 1 a ${MOST_COMPARTMENTS}.`,
  ),
};

const COMPARTMENTS: ArgumentDesign = {
  name: 'Compartments',
  type: 'ua:UInt16',
  description: words(
    'How many compartments are to be opened; 0 where it was refused.',
    'Ile skrytek ma zostać otwartych; 0, gdy odmówiono.',
    'Quanti scomparti saranno aperti; 0 in caso di rifiuto.',
  ),
};

/** A method that is asked of one compartment. */
function ofCompartment(
  operation: CompartmentOperation,
  texts: Pick<CabinetCommand, 'name' | 'description' | 'done'>,
): CabinetCommand {
  return { operation, inputs: [COMPARTMENT, REASON], outputs: RESULT, ...texts };
}

export const CABINET_COMMANDS: Readonly<Record<CabinetCommandName, CabinetCommand>> = {
  Open: ofCompartment('open', {
    name: words('Open a compartment', 'Otwórz skrytkę', 'Apri uno scomparto'),
    description: words(
      'Opens a compartment to hand over what lies inside, whoever’s it is: closing ends a deposit, or an allocation for one opening; whoever holds it for good keeps it. Answers when its door is open or the opening has failed.',
      'Otwiera skrytkę, by wydać jej zawartość, czyjakolwiek by była: zamknięcie kończy depozyt albo przydział na jedno otwarcie; kto ma skrytkę na stałe, zachowuje ją. Odpowiada, gdy drzwiczki są otwarte albo otwarcie się nie udało.',
      'Apre uno scomparto per consegnare ciò che contiene, di chiunque sia: la chiusura termina un deposito, o un’assegnazione per una sola apertura; chi lo ha in modo stabile lo conserva. Risponde quando lo sportello è aperto o l’apertura è fallita.',
    ),
    done: words('The compartment is open.', 'Skrytka jest otwarta.', 'Lo scomparto è aperto.'),
  }),
  ServiceOpen: ofCompartment('service-open', {
    name: words('Open for service', 'Otwórz serwisowo', 'Apri per servizio'),
    description: words(
      'Opens a compartment to look inside: nothing changes hands. Answers when its door is open or the opening has failed.',
      'Otwiera skrytkę, by do niej zajrzeć: nic nie zmienia właściciela. Odpowiada, gdy drzwiczki są otwarte albo otwarcie się nie udało.',
      'Apre uno scomparto per guardarvi dentro: nulla passa di mano. Risponde quando lo sportello è aperto o l’apertura è fallita.',
    ),
    done: words('The compartment is open.', 'Skrytka jest otwarta.', 'Lo scomparto è aperto.'),
  }),
  Release: ofCompartment('release', {
    name: words('Release', 'Zwolnij', 'Libera'),
    description: words(
      'Ends the right of everybody who holds a compartment, and the deposit in it; its door is not opened.',
      'Kończy prawo wszystkich, którzy zajmują skrytkę, i złożony w niej depozyt; drzwiczki się nie otwierają.',
      'Toglie il diritto a tutti quelli che tengono uno scomparto, e termina il deposito che contiene; lo sportello non si apre.',
    ),
    done: words('The compartment is free.', 'Skrytka jest wolna.', 'Lo scomparto è libero.'),
  }),
  Block: ofCompartment('block', {
    name: words('Block', 'Zablokuj', 'Blocca'),
    description: words(
      'Keeps a compartment from being given out or opened by people, until it is unblocked; rights to it stay.',
      'Wstrzymuje wydawanie skrytki i otwieranie jej przez ludzi, aż zostanie odblokowana; prawa do niej pozostają.',
      'Impedisce che uno scomparto sia assegnato o aperto dalle persone, finché non viene sbloccato; i diritti restano.',
    ),
    done: words('The compartment is blocked.', 'Skrytka jest zablokowana.', 'Lo scomparto è bloccato.'),
  }),
  Unblock: ofCompartment('unblock', {
    name: words('Unblock', 'Odblokuj', 'Sblocca'),
    description: words(
      'Ends the block of a compartment.',
      'Kończy blokadę skrytki.',
      'Termina il blocco di uno scomparto.',
    ),
    done: words(
      'The compartment is no longer blocked.',
      'Skrytka nie jest już zablokowana.',
      'Lo scomparto non è più bloccato.',
    ),
  }),
  ReturnToService: ofCompartment('return-to-service', {
    name: words('Return to service', 'Przywróć do użytku', 'Rimetti in servizio'),
    description: words(
      'After a repair: puts back into service a compartment that is out of order.',
      'Po naprawie: przywraca do użytku niesprawną skrytkę.',
      'Dopo una riparazione: rimette in servizio uno scomparto fuori servizio.',
    ),
    done: words(
      'The compartment is in service again.',
      'Skrytka znów jest w użytku.',
      'Lo scomparto è di nuovo in servizio.',
    ),
  }),
  Empty: ofCompartment('empty', {
    name: words('Record as empty', 'Odnotuj jako pustą', 'Registra come vuoto'),
    description: words(
      'Puts on record that nothing to be borrowed lies in a compartment any more; its door is not opened.',
      'Odnotowuje, że w skrytce nie ma już niczego do wypożyczenia; drzwiczki się nie otwierają.',
      'Registra che in uno scomparto non c’è più nulla da prendere in prestito; lo sportello non si apre.',
    ),
    done: words('The compartment is empty.', 'Skrytka jest pusta.', 'Lo scomparto è vuoto.'),
  }),
  OpenAll: {
    operation: 'open-all',
    name: words('Open all', 'Otwórz wszystkie', 'Apri tutti'),
    description: words(
      'For emergencies: opens every compartment, one after the other to spare the supply; nothing changes hands. Answers as soon as it has begun; OpenAllProgress tells how it goes on. Refused while it is under way already.',
      'Na wypadek zagrożenia: otwiera wszystkie skrytki, jedną po drugiej, by oszczędzić zasilanie; nic nie zmienia właściciela. Odpowiada, gdy tylko się zacznie; o przebiegu mówi OpenAllProgress. Odmawia, gdy już trwa.',
      'Per le emergenze: apre tutti gli scomparti, uno dopo l’altro per risparmiare l’alimentazione; nulla passa di mano. Risponde appena è iniziata; OpenAllProgress dice come procede. Rifiutata se è già in corso.',
    ),
    inputs: [REASON],
    outputs: [...RESULT, COMPARTMENTS],
    done: words(
      'Opening has begun. Compartments to open, one after the other: {compartments}.',
      'Otwieranie rozpoczęte. Skrytki do otwarcia, jedna po drugiej: {compartments}.',
      'L’apertura è iniziata. Scomparti da aprire, uno dopo l’altro: {compartments}.',
    ),
  },
};

/** The names of all methods of a cabinet. */
export const CABINET_COMMAND_NAMES = Object.keys(CABINET_COMMANDS) as CabinetCommandName[];

/** Whether a cabinet has a method of that name. */
export function isCabinetCommand(name: string): name is CabinetCommandName {
  return Object.hasOwn(CABINET_COMMANDS, name);
}

function progress(
  browse: string,
  type: VariableDesign['type'],
  name: Words,
  description: Words,
  array?: true,
): VariableDesign {
  return { kind: 'variable', browse, type, name, description, ...(array && { array }) };
}

/** How far `OpenAll` is, whoever began it: a component of each cabinet. */
export const OPEN_ALL_PROGRESS = {
  kind: 'object',
  browse: 'OpenAllProgress',
  type: 'ua:BaseObjectType',
  name: words(
    'Progress of opening all',
    'Przebieg otwierania wszystkich',
    'Avanzamento dell’apertura di tutti',
  ),
  description: words(
    'The opening of every compartment that is under way, or the last one since the server started.',
    'Trwające otwieranie wszystkich skrytek albo ostatnie od startu serwera.',
    'L’apertura di tutti gli scomparti in corso, o l’ultima dall’avvio del server.',
  ),
  members: [
    progress(
      'Running',
      'ua:Boolean',
      words('Under way', 'Trwa', 'In corso'),
      words('Whether it is under way.', 'Czy trwa.', 'Se è in corso.'),
    ),
    progress(
      'Compartments',
      'ua:UInt16',
      words('Compartments', 'Skrytki', 'Scomparti'),
      words(
        'How many there are to open. At the end, those that neither opened nor failed were not tried.',
        'Ile skrytek jest do otwarcia. Po zakończeniu: te, które ani się nie otworzyły, ani nie zawiodły, nie były próbowane.',
        'Quanti sono da aprire. Alla fine, quelli né aperti né falliti non sono stati provati.',
      ),
    ),
    progress(
      'Opened',
      'ua:UInt16',
      words('Opened', 'Otwarte', 'Aperti'),
      words('How many have opened.', 'Ile się otworzyło.', 'Quanti si sono aperti.'),
    ),
    progress(
      'Failed',
      'ua:UInt16',
      words('Not opened', 'Nieotwarte', 'Non aperti'),
      words(
        'How many could not be opened.',
        'Ilu nie udało się otworzyć.',
        'Quanti non si sono potuti aprire.',
      ),
    ),
    progress(
      'FailedCompartments',
      'ua:UInt16',
      words('Compartments that failed', 'Skrytki nieudane', 'Scomparti falliti'),
      words(
        'Numbers of those that could not be opened, in the order in which they were tried.',
        'Numery tych, których nie udało się otworzyć, w kolejności prób.',
        'I numeri di quelli che non si sono potuti aprire, nell’ordine dei tentativi.',
      ),
      true,
    ),
    progress(
      'FailureCodes',
      'ua:String',
      words('Codes of the failures', 'Kody niepowodzeń', 'Codici dei fallimenti'),
      words(
        'Why each of FailedCompartments failed, as the code of a refusal, in the same order.',
        'Dlaczego zawiodła każda z FailedCompartments: kod odmowy, w tej samej kolejności.',
        'Perché è fallito ciascuno di FailedCompartments: codice di rifiuto, nello stesso ordine.',
      ),
      true,
    ),
    progress(
      'StartTime',
      'ua:UtcTime',
      words('Begun', 'Początek', 'Inizio'),
      words(
        'When it began; the null time before the first.',
        'Kiedy się zaczęło; czas zerowy przed pierwszym.',
        'Quando è iniziata; il tempo nullo prima della prima.',
      ),
    ),
    progress(
      'EndTime',
      'ua:UtcTime',
      words('Ended', 'Koniec', 'Fine'),
      words(
        'When it ended; the null time while it is under way and before the first.',
        'Kiedy się skończyło; czas zerowy, gdy trwa i przed pierwszym.',
        'Quando è finita; il tempo nullo mentre è in corso e prima della prima.',
      ),
    ),
  ],
} as const satisfies ObjectDesign;
