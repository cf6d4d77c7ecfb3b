/** Events of the log and alarms. */
import { type TypeDesign, type VariableDesign, type Words, words } from './design.ts';

const field = (browse: string, type: string, name: Words, description: Words): VariableDesign => ({
  kind: 'variable',
  property: true,
  browse,
  type,
  name,
  description,
});

const COMPARTMENT = field(
  'Compartment',
  'ua:UInt16',
  words('Compartment', 'Skrytka', 'Scomparto'),
  words(
    'The compartment, or null where it is not about one.',
    'Skrytka lub null, gdy nie dotyczy żadnej.',
    'Lo scomparto, o null se non ne riguarda uno.',
  ),
);

const ALARM_KIND = field(
  'AlarmKind',
  'ua:String',
  words('Kind of alarm', 'Rodzaj alarmu', 'Tipo di allarme'),
  words(
    'The kind of alarm by its name in the book of alarms, e.g. door-forced.',
    'Rodzaj alarmu według nazwy w księdze alarmów, np. door-forced.',
    'Il tipo di allarme con il suo nome nel registro degli allarmi, ad es. door-forced.',
  ),
);

export const EVENT_TYPES: readonly TypeDesign[] = [
  {
    kind: 'type',
    browse: 'LoggedEventType',
    superType: 'ua:BaseEventType',
    abstract: true,
    name: words('Logged event', 'Zdarzenie z dziennika', 'Evento registrato'),
    description: words(
      'Something that stands in the event log.',
      'Coś, co zapisano w dzienniku zdarzeń.',
      'Qualcosa che sta nel registro degli eventi.',
    ),
    members: [
      field(
        'Type',
        'ua:String',
        words('Type', 'Typ', 'Tipo'),
        words(
          'Type of the event in the log, e.g. door-opened.',
          'Typ zdarzenia w dzienniku, np. door-opened.',
          'Tipo dell’evento nel registro, ad es. door-opened.',
        ),
      ),
      field(
        'Sequence',
        'ua:UInt32',
        words('Sequence', 'Numer kolejny', 'Sequenza'),
        words(
          'Its number in the log of its source, from 1 without a gap.',
          'Numer w dzienniku źródła, od 1 bez luk.',
          'Il suo numero nel registro della sorgente, da 1 senza lacune.',
        ),
      ),
      field(
        'Actor',
        'ua:String',
        words('Actor', 'Sprawca', 'Attore'),
        words(
          'What caused it: user, reader, guest, administrator, gateway or machine.',
          'Co je wywołało: user, reader, guest, administrator, gateway lub machine.',
          'Che cosa l’ha causato: user, reader, guest, administrator, gateway o machine.',
        ),
      ),
      field(
        'User',
        'ua:String',
        words('User', 'Użytkownik', 'Utente'),
        words(
          'Id of the user to whom it happened or who did it, or empty.',
          'Identyfikator użytkownika, którego dotyczy, lub puste.',
          'Identificativo dell’utente a cui è successo o che l’ha fatto, oppure vuoto.',
        ),
      ),
      field(
        'Data',
        'ua:String',
        words('Data', 'Dane', 'Dati'),
        words(
          'Everything else that the log has of it, as JSON, without secrets.',
          'Wszystko inne, co zapisano, jako JSON, bez tajemnic.',
          'Tutto il resto che il registro ne ha, come JSON, senza segreti.',
        ),
      ),
    ],
  },
  {
    kind: 'type',
    browse: 'CabinetEventType',
    superType: 'LoggedEventType',
    name: words('Event of a cabinet', 'Zdarzenie szafy', 'Evento di un armadio'),
    description: words(
      'Something that happened to a cabinet.',
      'Coś, co zdarzyło się szafie.',
      'Qualcosa che è successo a un armadio.',
    ),
    members: [COMPARTMENT],
  },
  {
    kind: 'type',
    browse: 'CassetteEventType',
    superType: 'LoggedEventType',
    name: words('Event of a cassette', 'Zdarzenie kasety', 'Evento di un cassetto'),
    description: words(
      'Something that happened to a cassette.',
      'Coś, co zdarzyło się kasecie.',
      'Qualcosa che è successo a un cassetto.',
    ),
    members: [],
  },
  {
    kind: 'type',
    browse: 'LockerAlarmType',
    superType: 'ua:OffNormalAlarmType',
    name: words('Alarm of a cabinet', 'Alarm szafy', 'Allarme di un armadio'),
    description: words(
      'An alarm of a cabinet or one of its compartments.',
      'Alarm szafy lub jednej z jej skrytek.',
      'Un allarme di un armadio o di uno dei suoi scomparti.',
    ),
    members: [
      ALARM_KIND,
      field(
        'Cabinet',
        'ua:String',
        words('Cabinet', 'Szafa', 'Armadio'),
        words('Id of the cabinet.', 'Identyfikator szafy.', 'Identificativo dell’armadio.'),
      ),
      COMPARTMENT,
    ],
  },
  {
    kind: 'type',
    browse: 'CassetteAlarmType',
    superType: 'ua:OffNormalAlarmType',
    name: words('Alarm of a cassette', 'Alarm kasety', 'Allarme di un cassetto'),
    description: words('An alarm of a cassette.', 'Alarm kasety.', 'Un allarme di un cassetto.'),
    members: [
      ALARM_KIND,
      field(
        'Cassette',
        'ua:String',
        words('Cassette', 'Kaseta', 'Cassetto'),
        words('Id of the cassette.', 'Identyfikator kasety.', 'Identificativo del cassetto.'),
      ),
    ],
  },
  {
    kind: 'type',
    browse: 'GatewayAlarmType',
    superType: 'ua:OffNormalAlarmType',
    name: words('Alarm of the gateway', 'Alarm bramy', 'Allarme del gateway'),
    description: words(
      'An alarm of what serves the whole site, such as a bus.',
      'Alarm tego, co służy całemu obiektowi, na przykład magistrali.',
      'Un allarme di ciò che serve tutto il sito, come un bus.',
    ),
    members: [ALARM_KIND],
  },
];
