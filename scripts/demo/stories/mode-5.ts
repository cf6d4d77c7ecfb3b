import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { CLOSES_DOOR, type Story } from '../story.ts';

const WANTED = 2;
const COMMON_PIN = '824613';

/** 5.2: several people, one opening. */
export const story: Story = {
  cabinet: 'E',
  panel: 'panel-E',
  title: {
    en: 'Mode 5, schema 5.2: one opening for several. The first who identifies opens it, once.',
    pl: 'Tryb 5, schemat 5.2: jedno otwarcie dla kilku osób. Otwiera ta, która pierwsza się zidentyfikuje.',
    it: 'Modalità 5, schema 5.2: una apertura per più persone. Apre, una volta, chi si identifica per primo.',
  },
  async play(stage) {
    const [marek, giulia] = [await stage.user('marek'), await stage.user('giulia')];
    const compartment = await stage.freeCompartment(WANTED);
    const place = { cabinet: 'E', compartment, reason: 'keys of the van' } as const;
    await stage.person(
      {
        en: 'The administrator lays a key into compartment {compartment} and assigns it to Marek and Giulia, with a common PIN.',
        pl: 'Administrator wkłada klucz do skrytki {compartment} i przydziela ją Markowi i Giulii, ze wspólnym PIN-em.',
        it: 'L’amministratore mette una chiave nello scomparto {compartment} e lo assegna a Marek e Giulia, con un PIN comune.',
      },
      { compartment },
    );
    for (const user of [marek, giulia]) await stage.administer({ do: 'assign', ...place, user });
    await stage.administer({ do: 'assign-code', ...place, pin: COMMON_PIN });
    await stage.logged('code-assigned');
    await stage.person(
      {
        en: 'Giulia is first. She has no card with her: she types {compartment} and the common PIN.',
        pl: 'Giulia jest pierwsza. Nie ma przy sobie karty: wpisuje {compartment} i wspólny PIN.',
        it: 'Giulia è la prima. Non ha con sé la tessera: digita {compartment} e il PIN comune.',
      },
      { compartment },
    );
    await stage.type(String(compartment), 'keypad-E');
    await stage.type(COMMON_PIN, 'keypad-E');
    await stage.opens('take-out-and-close');
    await stage.close(compartment, CLOSES_DOOR.giulia);
    await stage.shows('collected');
    await stage.person({
      en: 'Marek comes second and holds his card to the reader: the closing has ended every right.',
      pl: 'Marek przychodzi drugi i przykłada kartę: zamknięcie drzwi zakończyło wszystkie prawa.',
      it: 'Marek arriva secondo e avvicina la tessera: la chiusura ha posto fine a ogni diritto.',
    });
    await stage.presentCard(DEMO_PEOPLE.marek.card, 'card-reader-E');
    await stage.refuses('no-compartment-assigned');
  },
};
