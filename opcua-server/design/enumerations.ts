/** The enumerations of lockers. Those of cassettes stand with them. */
import { DOOR_NUMBERS, STATE_NUMBERS } from '../enumerations.ts';
import { type EnumerationDesign, words } from './design.ts';

export const LOCKER_ENUMERATIONS: readonly EnumerationDesign[] = [
  {
    kind: 'enumeration',
    browse: 'CompartmentStateEnumeration',
    name: words('State of a compartment', 'Stan skrytki', 'Stato di uno scomparto'),
    description: words(
      'What a compartment is ready for. A fault shows before a block, a block before an opening.',
      'Do czego skrytka jest gotowa. Usterka ma pierwszeństwo przed blokadą, a blokada przed otwieraniem.',
      'Per che cosa lo scomparto è pronto. Un guasto precede un blocco, un blocco precede un’apertura.',
    ),
    values: [
      { field: 'Free', number: STATE_NUMBERS.free, name: words('Free', 'Wolna', 'Libero') },
      { field: 'Occupied', number: STATE_NUMBERS.occupied, name: words('Occupied', 'Zajęta', 'Occupato') },
      {
        field: 'Opening',
        number: STATE_NUMBERS.opening,
        name: words('Opening', 'Otwierana', 'In apertura'),
      },
      { field: 'Blocked', number: STATE_NUMBERS.blocked, name: words('Blocked', 'Zablokowana', 'Bloccato') },
      {
        field: 'OutOfOrder',
        number: STATE_NUMBERS['out-of-order'],
        name: words('Out of order', 'Niesprawna', 'Fuori servizio'),
      },
      {
        field: 'NotAnswering',
        number: STATE_NUMBERS['not-answering'],
        name: words('Not answering', 'Nie odpowiada', 'Non risponde'),
      },
    ],
  },
  {
    kind: 'enumeration',
    browse: 'DoorStateEnumeration',
    name: words('State of a door', 'Stan drzwiczek', 'Stato di uno sportello'),
    description: words(
      'What the sensor of a door says. Left open and forced are open doors with an alarm.',
      'Co zgłasza czujnik drzwiczek. Pozostawione otwarte i wyłamane to otwarte drzwiczki z alarmem.',
      'Che cosa dice il sensore dello sportello. Lasciato aperto e forzato sono sportelli aperti con un allarme.',
    ),
    values: [
      { field: 'Unknown', number: DOOR_NUMBERS.unknown, name: words('Unknown', 'Nieznany', 'Sconosciuto') },
      { field: 'Closed', number: DOOR_NUMBERS.closed, name: words('Closed', 'Zamknięte', 'Chiuso') },
      { field: 'Open', number: DOOR_NUMBERS.open, name: words('Open', 'Otwarte', 'Aperto') },
      {
        field: 'LeftOpen',
        number: DOOR_NUMBERS['left-open'],
        name: words('Left open', 'Pozostawione otwarte', 'Lasciato aperto'),
      },
      { field: 'Forced', number: DOOR_NUMBERS.forced, name: words('Forced', 'Wyłamane', 'Forzato') },
    ],
  },
];
