import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { CLOSES_DOOR, type Story } from '../story.ts';

const READER = 'card-reader-B';
const WANTED = 3;

/** 1.1: an administrator assigns a compartment, which is its user's for good. */
export const story: Story = {
  cabinet: 'B',
  panel: 'panel-B',
  title: {
    en: 'Mode 1, schema 1.1: personal lockers. The administrator says whose compartment it is.',
    pl: 'Tryb 1, schemat 1.1: szafki osobiste. Administrator mówi, czyja jest skrytka.',
    it: 'Modalità 1, schema 1.1: armadietti personali. L’amministratore dice di chi è lo scomparto.',
  },
  async play(stage) {
    const user = await stage.user('anna');
    const mine = (await stage.occupancy()).find(({ holders }) => holders.includes(user));
    const compartment = mine?.compartment ?? (await stage.freeCompartment(WANTED));
    const place = { cabinet: 'B', compartment, user } as const;
    if (!mine) {
      await stage.person(
        {
          en: 'The administrator assigns compartment {compartment} to Anna.',
          pl: 'Administrator przydziela Annie skrytkę {compartment}.',
          it: 'L’amministratore assegna ad Anna lo scomparto {compartment}.',
        },
        { compartment },
      );
      await stage.administer({ do: 'assign', ...place, reason: 'joined the company' });
      await stage.logged('compartment-assigned');
    }
    await stage.person({
      en: 'Anna holds her card to the reader.',
      pl: 'Anna przykłada kartę do czytnika.',
      it: 'Anna avvicina la sua tessera al lettore.',
    });
    await stage.presentCard(DEMO_PEOPLE.anna.card, READER);
    await stage.opens('open');
    await stage.close(compartment, CLOSES_DOOR.anna);
    await stage.person({
      en: 'Marek holds his card to the reader. Nothing is assigned to him.',
      pl: 'Marek przykłada kartę do czytnika. Nic mu nie przydzielono.',
      it: 'Marek avvicina la sua tessera al lettore. Non gli è assegnato nulla.',
    });
    await stage.presentCard(DEMO_PEOPLE.marek.card, READER);
    await stage.refuses('no-compartment-assigned');
    await stage.person({
      en: 'A stranger holds a card to the reader that nobody knows here.',
      pl: 'Ktoś obcy przykłada kartę, której nikt tu nie zna.',
      it: 'Uno sconosciuto avvicina una tessera che qui nessuno conosce.',
    });
    await stage.presentCard('0000000000', READER);
    await stage.refuses('unknown-credential');
    await stage.person({
      en: 'Anna leaves the company: the administrator withdraws her right.',
      pl: 'Anna odchodzi z firmy: administrator odbiera jej prawo.',
      it: 'Anna lascia l’azienda: l’amministratore le revoca il diritto.',
    });
    await stage.administer({ do: 'withdraw', ...place, reason: 'left the company' });
    await stage.logged('compartment-released');
  },
};
