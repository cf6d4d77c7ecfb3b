/** What hangs on a cabinet: lock boards and readers, as devices of OPC 10000-100 and OPC 30010. */
import { type TypeDesign, type VariableDesign, words } from './design.ts';

const DEVICE_HEALTH: VariableDesign = {
  kind: 'variable',
  browse: 'DeviceHealth',
  browseIn: 'di',
  type: 'di:DeviceHealthEnumeration',
  name: words('Device health', 'Stan urządzenia', 'Salute del dispositivo'),
  description: words(
    'Normal while the device answers, failure while it does not.',
    'Normalny, gdy urządzenie odpowiada; awaria, gdy nie odpowiada.',
    'Normale finché il dispositivo risponde, guasto quando non risponde.',
  ),
};

const BUS: VariableDesign = {
  kind: 'variable',
  browse: 'Bus',
  type: 'ua:String',
  name: words('Bus', 'Magistrala', 'Bus'),
  description: words(
    'Id of the bus that the device hangs on.',
    'Identyfikator magistrali, do której podłączone jest urządzenie.',
    'Identificativo del bus a cui è collegato il dispositivo.',
  ),
};

export const LOCK_BOARD_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'LockBoardType',
  superType: 'di:DeviceType',
  name: words('Lock board', 'Sterownik zamków', 'Scheda serrature'),
  description: words(
    'The board that drives the locks of compartments and reads their sensors.',
    'Płytka, która steruje zamkami skrytek i odczytuje ich czujniki.',
    'La scheda che comanda le serrature degli scomparti e ne legge i sensori.',
  ),
  members: [
    DEVICE_HEALTH,
    BUS,
    {
      kind: 'variable',
      browse: 'Compartments',
      type: 'ua:UInt16',
      array: true,
      name: words('Compartments', 'Skrytki', 'Scomparti'),
      description: words(
        'Numbers of the compartments whose locks it drives.',
        'Numery skrytek, których zamkami steruje.',
        'Numeri degli scomparti di cui comanda le serrature.',
      ),
    },
  ],
};

export const READER_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'ReaderType',
  superType: 'autoid:RfidReaderDeviceType',
  name: words('Reader', 'Czytnik', 'Lettore'),
  description: words(
    'A reader of cards, chips or codes. It tells that something was read, never what.',
    'Czytnik kart, breloków lub kodów. Zgłasza, że coś odczytano, nigdy co.',
    'Un lettore di tessere, chip o codici. Dice che qualcosa è stato letto, mai che cosa.',
  ),
  raises: ['ReaderScanEventType'],
  members: [
    DEVICE_HEALTH,
    BUS,
    {
      kind: 'variable',
      browse: 'LastScanTimestamp',
      browseIn: 'autoid',
      type: 'ua:UtcTime',
      name: words('Last scan', 'Ostatni odczyt', 'Ultima lettura'),
      description: words(
        'When something was read last; the null time 1601-01-01 before the first.',
        'Kiedy ostatnio coś odczytano; czas zerowy 1601-01-01 przed pierwszym odczytem.',
        'Quando è stato letto qualcosa l’ultima volta; il tempo nullo 1601-01-01 prima della prima.',
      ),
    },
    {
      kind: 'variable',
      browse: 'Panel',
      type: 'ua:String',
      name: words('Panel', 'Panel', 'Pannello'),
      description: words(
        'Id of the panel that it belongs to.',
        'Identyfikator panelu, do którego należy.',
        'Identificativo del pannello a cui appartiene.',
      ),
    },
  ],
};

export const READER_SCAN_EVENT_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'ReaderScanEventType',
  superType: 'autoid:RfidScanEventType',
  name: words('Reading', 'Odczyt', 'Lettura'),
  description: words(
    'A card or chip was read; codes are told of by LastScanTimestamp alone. What it was stays in the gateway: the result has the time and no data.',
    'Odczytano kartę lub brelok; o kodach mówi tylko LastScanTimestamp. Co to było, zostaje w bramie: wynik ma czas, bez danych.',
    'È stata letta una tessera o un chip; dei codici dice solo LastScanTimestamp. Che cosa fosse resta nel gateway: il risultato ha l’ora e nessun dato.',
  ),
  members: [],
};
