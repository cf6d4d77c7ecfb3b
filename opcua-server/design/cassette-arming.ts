/** The arming of a cassette as a finite state machine (OPC 10000-16): the phases of its domain, and every way between them. */
import { MANAGEMENT_MODES, type ManagementMode, PHASES, type Phase } from '../../domain/cassette/setting.ts';
import { UNCONFIGURED_CASSETTE } from '../../domain/cassette/state.ts';
import { CASSETTE_NUMBERS } from '../cassette-enumerations.ts';
import { pascalCase, titled } from './cassette-enumerations.ts';
import {
  type StateDesign,
  type TransitionDesign,
  type TypeDesign,
  type VariableDesign,
  type Words,
  words,
} from './design.ts';

/** One way from phase to phase. Its number is for ever: a new one comes after all others. */
export interface ArmingMove {
  readonly number: number;
  readonly from: Phase;
  readonly to: Phase;
  readonly name: Words;
  /** The modes in which it can happen. */
  readonly modes: readonly ManagementMode[];
}

const EVERY_MODE = MANAGEMENT_MODES;
/** The modes with two stages: on the way, and in the machine. */
const TWO_STAGES: readonly ManagementMode[] = ['outsourced', 'internal-protected-zone'];

const FULLY_ARMED = words('Fully armed', 'Uzbrojono w pełni', 'Protezione completa attivata');
const DISARMED = words('Disarmed', 'Rozbrojono', 'Disattivato');
const STAINED = words('Notes stained', 'Zabarwiono banknoty', 'Banconote macchiate');
/** Two persons may do so where the controller does not answer or keeps failing. */
const GIVEN_UP = words(
  'Attack given up, into service',
  'Zaniechano barwienia, serwis',
  'Macchiatura abbandonata, in servizio',
);

export const ARMING_MOVES: readonly ArmingMove[] = [
  move(1, 'rest', 'service', EVERY_MODE, words('Service entered', 'Rozpoczęto serwis', 'Servizio iniziato')),
  move(
    2,
    'service',
    'rest',
    EVERY_MODE,
    words('Service finished', 'Zakończono serwis', 'Servizio terminato'),
  ),
  move(
    3,
    'rest',
    'transit',
    ['outsourced'],
    words('Armed for the way', 'Uzbrojono na czas transportu', 'Attivato per il trasporto'),
  ),
  move(
    4,
    'rest',
    'grace',
    ['internal-protected-zone'],
    words(
      'Armed for the way, grace time begun',
      'Uzbrojono na czas transportu, rozpoczęto odliczanie',
      'Attivato per il trasporto, tempo di franchigia iniziato',
    ),
  ),
  move(5, 'rest', 'full', ['internal'], FULLY_ARMED),
  move(6, 'transit', 'full', TWO_STAGES, FULLY_ARMED),
  move(7, 'grace', 'full', ['internal-protected-zone'], FULLY_ARMED),
  move(
    8,
    'full',
    'transit',
    TWO_STAGES,
    words(
      'Full protection ended, for the way',
      'Zakończono pełną ochronę, do transportu',
      'Protezione completa terminata, per il trasporto',
    ),
  ),
  move(9, 'full', 'rest', ['internal'], DISARMED),
  move(10, 'transit', 'rest', TWO_STAGES, DISARMED),
  move(11, 'grace', 'rest', ['internal-protected-zone'], DISARMED),
  move(12, 'rest', 'stained', EVERY_MODE, STAINED),
  move(13, 'transit', 'stained', TWO_STAGES, STAINED),
  move(14, 'grace', 'stained', ['internal-protected-zone'], STAINED),
  move(15, 'full', 'stained', EVERY_MODE, STAINED),
  move(
    16,
    'stained',
    'service',
    EVERY_MODE,
    words('Staining reset', 'Zresetowano po zabarwieniu', 'Ripristinato dopo la macchiatura'),
  ),
  move(17, 'transit', 'service', TWO_STAGES, GIVEN_UP),
  move(18, 'grace', 'service', ['internal-protected-zone'], GIVEN_UP),
  move(19, 'full', 'service', EVERY_MODE, GIVEN_UP),
];

function move(
  number: number,
  from: Phase,
  to: Phase,
  modes: readonly ManagementMode[],
  name: Words,
): ArmingMove {
  return { number, from, to, name, modes };
}

const STATE_DESCRIPTIONS: Readonly<Record<Phase, Words>> = {
  service: words(
    'A person has let it in, to load or repair it; nothing can fire.',
    'Osoba rozpoczęła serwis, by kasetę załadować lub naprawić; barwienie jest niemożliwe.',
    'Una persona l’ha messo in servizio, per caricarlo o ripararlo; nulla può scattare.',
  ),
  rest: words(
    'Disarmed, with the lid closed. Opening the lid and breaking in stain even so.',
    'Rozbrojona, z zamkniętą pokrywą. Otwarcie pokrywy i włamanie mimo to wywołują barwienie.',
    'Disattivato, con il coperchio chiuso. Apertura e scasso causano comunque la macchiatura.',
  ),
  transit: words('First stage: on its way.', 'Pierwszy stopień: w drodze.', 'Prima attivazione: in viaggio.'),
  grace: words(
    'On its way while the grace time runs; the notes are stained when it ends.',
    'W drodze, biegnie czas na umieszczenie w bankomacie; gdy się skończy, banknoty zostaną zabarwione.',
    'In viaggio mentre corre il tempo di franchigia; quando scade le banconote vengono macchiate.',
  ),
  full: words(
    'The last stage: in its place in the machine (ATM).',
    'Ostatni stopień: na swoim miejscu w bankomacie.',
    'Ultima attivazione: al suo posto nel bancomat.',
  ),
  stained: words(
    'The notes were stained; a reset leads on, and nothing else.',
    'Banknoty zostały zabarwione; dalej prowadzi tylko reset.',
    'Le banconote sono state macchiate; se ne esce solo con un ripristino.',
  ),
};

const STATES: readonly StateDesign[] = PHASES.map((phase) => ({
  browse: pascalCase(phase),
  number: CASSETTE_NUMBERS.CassetteStateEnumeration[phase],
  name: titled('phase', phase),
  description: STATE_DESCRIPTIONS[phase],
  ...(phase === UNCONFIGURED_CASSETTE.phase && { initial: true }),
}));

/** A way between phases as the model has it. */
export function transitionOf({ number, from, to, name }: ArmingMove): TransitionDesign {
  return { number, from: pascalCase(from), to: pascalCase(to), name };
}

const property = (browse: string, type: string, name: Words, description: Words): VariableDesign => ({
  kind: 'variable',
  browse,
  browseIn: 'ua',
  property: true,
  type,
  name,
  description,
});

export const ARMING_STATE_MACHINE_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'ArmingStateMachineType',
  superType: 'ua:FiniteStateMachineType',
  name: words('Arming of a cassette', 'Uzbrojenie kasety', 'Attivazione di un cassetto'),
  description: words(
    'How far a cassette is armed, and what led there. Which of the transitions can happen depends on its mode.',
    'Jak dalece kaseta jest uzbrojona i co do tego doprowadziło. Możliwe przejścia zależą od trybu kasety.',
    'Quanto un cassetto è attivato e che cosa ha portato lì. Quali transizioni sono possibili dipende dalla modalità.',
  ),
  members: [
    {
      kind: 'variable',
      browse: 'CurrentState',
      browseIn: 'ua',
      type: 'ua:LocalizedText',
      typeDefinition: 'ua:FiniteStateVariableType',
      name: words('Current state', 'Bieżący stan', 'Stato attuale'),
      description: words(
        'The state in words; it stays known while the controller does not answer.',
        'Stan w słowach; pozostaje znany, gdy sterownik nie odpowiada.',
        'Lo stato a parole; resta noto mentre la centralina non risponde.',
      ),
      members: [
        property(
          'Id',
          'ua:NodeId',
          words('Id', 'Identyfikator', 'Identificativo'),
          words(
            'Node id of the state.',
            'Identyfikator węzła stanu.',
            'Identificativo del nodo dello stato.',
          ),
        ),
        property(
          'Number',
          'ua:UInt32',
          words('Number', 'Numer', 'Numero'),
          words(
            'Number of the state: as in CassetteStateEnumeration.',
            'Numer stanu: jak w CassetteStateEnumeration.',
            'Numero dello stato: come in CassetteStateEnumeration.',
          ),
        ),
      ],
    },
    {
      kind: 'variable',
      browse: 'LastTransition',
      browseIn: 'ua',
      type: 'ua:LocalizedText',
      typeDefinition: 'ua:FiniteTransitionVariableType',
      name: words('Last transition', 'Ostatnie przejście', 'Ultima transizione'),
      description: words(
        'What led into the state, in words; null where that is not known: none was seen since the start, or several at once.',
        'Co doprowadziło do tego stanu, w słowach; null, gdy nie wiadomo: od uruchomienia nic nie zaszło albo zaszło kilka naraz.',
        'Che cosa ha portato allo stato, a parole; null se non è noto: nessuna dall’avvio, o più d’una insieme.',
      ),
      members: [
        property(
          'Id',
          'ua:NodeId',
          words('Id', 'Identyfikator', 'Identificativo'),
          words(
            'Node id of the transition.',
            'Identyfikator węzła przejścia.',
            'Identificativo del nodo della transizione.',
          ),
        ),
        property(
          'Number',
          'ua:UInt32',
          words('Number', 'Numer', 'Numero'),
          words('Number of the transition.', 'Numer przejścia.', 'Numero della transizione.'),
        ),
        property(
          'TransitionTime',
          'ua:UtcTime',
          words('Time of the transition', 'Czas przejścia', 'Ora della transizione'),
          words('When it was.', 'Kiedy nastąpiło.', 'Quando è avvenuta.'),
        ),
      ],
    },
  ],
  states: STATES,
  transitions: ARMING_MOVES.map(transitionOf),
};
