/** The site: cabinets, cassettes and feeds, and how their alarms stand. */
import { type ObjectDesign, type TypeDesign, type Words, words } from './design.ts';

export const ALARMS_OBJECT: ObjectDesign = {
  kind: 'object',
  browse: 'Alarms',
  type: 'AlarmSummaryType',
  name: words('Alarms', 'Alarmy', 'Allarmi'),
  description: words('How its alarms stand.', 'Stan alarmów.', 'Come stanno i suoi allarmi.'),
};

export const SITE_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'SiteType',
  superType: 'ua:BaseObjectType',
  name: words('Site', 'Obiekt', 'Sito'),
  description: words(
    'A site with locker cabinets and cassettes, served by one gateway.',
    'Obiekt z szafami i kasetami obsługiwany przez jedną bramę.',
    'Un sito con armadi e cassetti, servito da un gateway.',
  ),
  members: [
    {
      kind: 'variable',
      browse: 'Name',
      type: 'ua:String',
      name: words('Name', 'Nazwa', 'Nome'),
      description: words('What people call it.', 'Nazwa używana na co dzień.', 'Come lo si chiama.'),
    },
    ALARMS_OBJECT,
    folder(
      'Cabinets',
      'CabinetType',
      words('Cabinets', 'Szafy', 'Armadi'),
      words(
        'One object for each cabinet, named by its id.',
        'Po jednym obiekcie na szafę, nazwanym jej identyfikatorem.',
        'Un oggetto per ogni armadio, con il suo identificativo per nome.',
      ),
    ),
    folder(
      'Cassettes',
      'CassetteType',
      words('Cassettes', 'Kasety', 'Cassetti'),
      words(
        'One object for each cassette, named by its id.',
        'Po jednym obiekcie na kasetę, nazwanym jej identyfikatorem.',
        'Un oggetto per ogni cassetto, con il suo identificativo per nome.',
      ),
    ),
    {
      ...folder(
        'AlarmFeeds',
        'AlarmFeedType',
        words('Alarm feeds', 'Kanały alarmowe', 'Canali di allarme'),
        words(
          'One object for each feed to a security centre, named by its id.',
          'Po jednym obiekcie na kanał do centrum monitoringu, nazwanym jego identyfikatorem.',
          'Un oggetto per ogni canale verso un centro di sicurezza, con il suo identificativo per nome.',
        ),
      ),
      rule: 'Optional',
    },
  ],
};

export const ALARM_FEED_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'AlarmFeedType',
  superType: 'ua:BaseObjectType',
  name: words('Alarm feed', 'Kanał alarmowy', 'Canale di allarme'),
  description: words(
    'A feed of alarms to a security centre.',
    'Kanał przekazujący alarmy do centrum monitoringu.',
    'Un canale che porta gli allarmi a un centro di sicurezza.',
  ),
  members: [
    {
      kind: 'variable',
      browse: 'Connected',
      type: 'ua:Boolean',
      name: words('Connected', 'Połączony', 'Collegato'),
      description: words(
        'Whether the receiver answers.',
        'Czy odbiorca odpowiada.',
        'Se il ricevitore risponde.',
      ),
    },
    {
      kind: 'variable',
      browse: 'LastDelivered',
      type: 'ua:UtcTime',
      name: words('Last delivered', 'Ostatnio dostarczono', 'Ultima consegna'),
      description: words(
        'When the receiver confirmed something last; the null time 1601-01-01 before the first.',
        'Kiedy odbiorca ostatnio coś potwierdził; czas zerowy 1601-01-01 przed pierwszym razem.',
        'Quando il ricevitore ha confermato qualcosa l’ultima volta; il tempo nullo 1601-01-01 prima della prima.',
      ),
    },
    {
      kind: 'variable',
      browse: 'Waiting',
      type: 'ua:UInt32',
      name: words('Waiting', 'Oczekujące', 'In attesa'),
      description: words(
        'Events that the receiver has not confirmed yet.',
        'Zdarzenia, których odbiorca jeszcze nie potwierdził.',
        'Eventi che il ricevitore non ha ancora confermato.',
      ),
    },
  ],
};

/** A folder of the instances of a type. */
export function folder(
  browse: string,
  type: string,
  name: Words,
  description: Words,
  reference: 'Organizes' | 'HasComponent' = 'Organizes',
): ObjectDesign {
  return {
    kind: 'object',
    browse,
    type: 'ua:FolderType',
    name,
    description,
    members: [
      {
        kind: 'object',
        browse: `<${type.slice(0, -'Type'.length)}>`,
        type,
        reference,
        rule: 'OptionalPlaceholder',
        name,
        description,
      },
    ],
  };
}
