/** Compact views for building systems: a panel needs ten tags, not five thousand. */
import { type TypeDesign, type VariableDesign, type Words, words } from './design.ts';

export const CABINET_SUMMARY_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CabinetSummaryType',
  superType: 'ua:BaseObjectType',
  name: words('Summary of a cabinet', 'Zestawienie szafy', 'Riepilogo di un armadio'),
  description: words(
    'All compartments of a cabinet in a few values. Arrays have one element for each compartment, in the order of Numbers; a set has one bit for each, in the same order: element i is bit i mod 32 of word i div 32, the lowest bit first.',
    'Wszystkie skrytki szafy w kilku wartościach. Tablice mają po jednym elemencie na skrytkę, w kolejności Numbers; zbiory po jednym bicie, w tej samej kolejności: element i to bit i mod 32 słowa i div 32, od najmłodszego.',
    'Tutti gli scomparti di un armadio in pochi valori. Gli array hanno un elemento per scomparto, nell’ordine di Numbers; gli insiemi un bit ciascuno, nello stesso ordine: l’elemento i è il bit i mod 32 della parola i div 32, dal meno significativo.',
  ),
  members: [
    count('Total', words('Compartments', 'Skrytki', 'Scomparti'), {
      en: 'How many compartments the cabinet has.',
      pl: 'Liczba skrytek szafy.',
      it: 'Quanti scomparti ha l’armadio.',
    }),
    count('Free', words('Free compartments', 'Wolne skrytki', 'Scomparti liberi'), {
      en: 'Compartments whose state is free.',
      pl: 'Skrytki w stanie wolnym.',
      it: 'Scomparti nello stato libero.',
    }),
    count('Occupied', words('Occupied compartments', 'Zajęte skrytki', 'Scomparti occupati'), {
      en: 'Compartments that somebody holds or in which something lies, whatever their state.',
      pl: 'Skrytki zajęte przez osobę lub rzecz, niezależnie od stanu.',
      it: 'Scomparti tenuti da qualcuno o con qualcosa dentro, qualunque sia il loro stato.',
    }),
    count('Open', words('Open compartments', 'Otwarte skrytki', 'Scomparti aperti'), {
      en: 'Compartments whose door is open, as far as their sensors tell; Uncertain as long as one says nothing.',
      pl: 'Skrytki z otwartymi drzwiczkami, o ile wiadomo z czujników; Uncertain, dopóki któryś milczy.',
      it: 'Scomparti con lo sportello aperto, per quanto dicono i sensori; Uncertain finché uno tace.',
    }),
    count('Alarm', words('Compartments in alarm', 'Skrytki w alarmie', 'Scomparti in allarme'), {
      en: 'Compartments with an alarm that is active or that somebody has still to see to, and that nobody has taken out.',
      pl: 'Skrytki z alarmem, który trwa lub czeka na obsługę i nie został wyłączony.',
      it: 'Scomparti con un allarme attivo o ancora da gestire, che nessuno ha escluso.',
    }),
    count(
      'OutOfOrder',
      words('Compartments out of order', 'Niesprawne skrytki', 'Scomparti fuori servizio'),
      {
        en: 'Compartments whose state is out of order or not answering.',
        pl: 'Skrytki niesprawne lub nieodpowiadające.',
        it: 'Scomparti fuori servizio o che non rispondono.',
      },
    ),
    {
      kind: 'variable',
      browse: 'Numbers',
      type: 'ua:UInt16',
      array: true,
      name: words('Numbers', 'Numery', 'Numeri'),
      description: words(
        'The numbers of the compartments, ascending: the order of the arrays and sets.',
        'Numery skrytek rosnąco: kolejność tablic i zbiorów.',
        'I numeri degli scomparti in ordine crescente: l’ordine di array e insiemi.',
      ),
    },
    {
      kind: 'variable',
      browse: 'States',
      type: 'CompartmentStateEnumeration',
      array: true,
      name: words('States', 'Stany', 'Stati'),
      description: words('State of each compartment.', 'Stan każdej skrytki.', 'Stato di ogni scomparto.'),
    },
    {
      kind: 'variable',
      browse: 'Doors',
      type: 'DoorStateEnumeration',
      array: true,
      name: words('Doors', 'Drzwiczki', 'Sportelli'),
      description: words(
        'State of each door; unknown while its lock board does not answer. Uncertain as long as one is unknown.',
        'Stan każdych drzwiczek; nieznany, gdy sterownik zamków nie odpowiada. Uncertain, dopóki choć jeden jest nieznany.',
        'Stato di ogni sportello; sconosciuto finché la sua scheda non risponde. Uncertain finché uno è sconosciuto.',
      ),
    },
    set('OccupiedSet', words('Set of the occupied', 'Zbiór zajętych', 'Insieme degli occupati'), 'Occupied'),
    set('OpenSet', words('Set of the open', 'Zbiór otwartych', 'Insieme degli aperti'), 'Open'),
    set(
      'AlarmSet',
      words('Set of those in alarm', 'Zbiór w alarmie', 'Insieme di quelli in allarme'),
      'Alarm',
    ),
    set(
      'OutOfOrderSet',
      words('Set of those out of order', 'Zbiór niesprawnych', 'Insieme di quelli fuori servizio'),
      'OutOfOrder',
    ),
  ],
};

export const ALARM_SUMMARY_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'AlarmSummaryType',
  superType: 'ua:BaseObjectType',
  name: words('Summary of alarms', 'Zestawienie alarmów', 'Riepilogo degli allarmi'),
  description: words(
    'How many alarms there are, and how urgent they are. Silent alarms, such as duress, are never counted.',
    'Ile jest alarmów i jak są pilne. Alarmy ciche, takie jak przymus, nigdy nie są liczone.',
    'Quanti allarmi ci sono e quanto sono urgenti. Gli allarmi silenziosi, come la coercizione, non sono mai contati.',
  ),
  members: [
    count('Active', words('Active alarms', 'Aktywne alarmy', 'Allarmi attivi'), {
      en: 'Alarms whose cause goes on.',
      pl: 'Alarmy, których przyczyna trwa.',
      it: 'Allarmi la cui causa continua.',
    }),
    count(
      'Unacknowledged',
      words('Unacknowledged alarms', 'Niepotwierdzone alarmy', 'Allarmi non riconosciuti'),
      {
        en: 'Alarms that nobody has acknowledged.',
        pl: 'Alarmy, których nikt nie potwierdził.',
        it: 'Allarmi che nessuno ha riconosciuto.',
      },
    ),
    count('Shelved', words('Shelved alarms', 'Odłożone alarmy', 'Allarmi accantonati'), {
      en: 'Alarms that are kept quiet, whether their cause goes on or not: shelved, suppressed or out of service.',
      pl: 'Alarmy wyciszone, niezależnie od tego, czy przyczyna trwa: odłożone, stłumione lub wyłączone z obsługi.',
      it: 'Allarmi tenuti quieti, che la causa continui o no: accantonati, soppressi o fuori servizio.',
    }),
    count('HighestSeverity', words('Highest severity', 'Najwyższa waga', 'Gravità massima'), {
      en: 'Severity of the most urgent alarm that calls for somebody, 1 to 1000; 0 where none does.',
      pl: 'Waga najpilniejszego alarmu, który kogoś wzywa, od 1 do 1000; 0, gdy takiego nie ma.',
      it: 'Gravità dell’allarme più urgente che chiama qualcuno, da 1 a 1000; 0 se non ce n’è.',
    }),
  ],
};

function count(browse: string, name: Words, description: Words): VariableDesign {
  return { kind: 'variable', browse, type: 'ua:UInt16', name, description };
}

function set(browse: string, name: Words, of: string): VariableDesign {
  return {
    kind: 'variable',
    browse,
    type: 'ua:UInt32',
    array: true,
    name,
    description: words(
      `One bit for each compartment that counts in ${of}.`,
      `Po jednym bicie na każdą skrytkę liczoną w ${of}.`,
      `Un bit per ogni scomparto contato in ${of}.`,
    ),
  };
}
