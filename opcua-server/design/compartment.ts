/** A compartment: one door with one lock. There may be thousands, so it has few members. */
import { type TypeDesign, words } from './design.ts';

export const COMPARTMENT_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CompartmentType',
  superType: 'ua:BaseObjectType',
  name: words('Compartment', 'Skrytka', 'Scomparto'),
  description: words(
    'A compartment of a locker cabinet: one door with one lock.',
    'Skrytka szafy: jedne drzwiczki z jednym zamkiem.',
    'Uno scomparto di un armadio: uno sportello con una serratura.',
  ),
  members: [
    {
      kind: 'variable',
      browse: 'State',
      type: 'CompartmentStateEnumeration',
      historized: true,
      name: words('State', 'Stan', 'Stato'),
      description: words(
        'What the compartment is ready for.',
        'Do czego skrytka jest gotowa.',
        'Per che cosa lo scomparto è pronto.',
      ),
    },
    {
      kind: 'variable',
      browse: 'Door',
      type: 'DoorStateEnumeration',
      historized: true,
      measured: true,
      name: words('Door', 'Drzwiczki', 'Sportello'),
      description: words(
        'What the sensor of the door says; BadNoCommunication while its lock board does not answer, and Uncertain until it has answered for the first time.',
        'Co zgłasza czujnik drzwiczek; BadNoCommunication, gdy sterownik zamków nie odpowiada, a Uncertain, zanim odpowie po raz pierwszy.',
        'Che cosa dice il sensore dello sportello; BadNoCommunication finché la scheda serrature non risponde, Uncertain finché non ha risposto la prima volta.',
      ),
    },
    {
      kind: 'variable',
      browse: 'OccupiedSince',
      type: 'ua:DateTime',
      name: words('Occupied since', 'Zajęta od', 'Occupato da'),
      description: words(
        'Since when the compartment has been taken: held by somebody, with a deposit or an item in it; the null time 1601-01-01 while it is not.',
        'Od kiedy skrytka jest zajęta: przez osobę, depozyt lub przedmiot; czas zerowy 1601-01-01, gdy nie jest.',
        'Da quando lo scomparto è preso: da una persona, con un deposito o un oggetto dentro; il tempo nullo 1601-01-01 quando non lo è.',
      ),
    },
    {
      kind: 'variable',
      browse: 'Occupant',
      type: 'ua:String',
      name: words('Occupant', 'Użytkownik', 'Occupante'),
      description: words(
        'Id of the user who holds the compartment; several separated by commas; empty while nobody does. Readable after a log-in over an encrypted connection only.',
        'Identyfikator użytkownika, który zajmuje skrytkę; kilka rozdzielonych przecinkami; puste, gdy nikt. Tylko po zalogowaniu przez połączenie szyfrowane.',
        'Identificativo dell’utente che tiene lo scomparto; più d’uno separati da virgole; vuoto quando nessuno. Leggibile solo dopo l’accesso, su una connessione cifrata.',
      ),
    },
  ],
};
