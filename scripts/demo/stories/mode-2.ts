import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { CLOSES_DOOR, type Story } from '../story.ts';

/** 2.2: the first free compartment, from then on the user's. At the card reader a Node-RED flow decides. */
export const story: Story = {
  cabinet: 'A',
  panel: 'panel-A',
  title: {
    en: 'Mode 2, schema 2.2: changing room. The first free compartment becomes the user’s.',
    pl: 'Tryb 2, schemat 2.2: szatnia. Pierwsza wolna skrytka staje się skrytką użytkownika.',
    it: 'Modalità 2, schema 2.2: spogliatoio. Il primo scomparto libero diventa dell’utente.',
  },
  async play(stage) {
    const user = await stage.user('marek');
    await stage.person({
      en: 'Marek holds his card to the reader. The Node-RED flow takes it from there.',
      pl: 'Marek przykłada kartę do czytnika. Dalej prowadzi przepływ Node-RED.',
      it: 'Marek avvicina la sua tessera al lettore. Del resto si occupa il flusso Node-RED.',
    });
    await stage.presentCard(DEMO_PEOPLE.marek.card, 'card-reader-1');
    const compartment = await stage.opens();
    await stage.close(compartment, CLOSES_DOOR.marek);
    await stage.person({
      en: 'Marek comes back without his card and types his PIN at the panel: the same compartment opens.',
      pl: 'Marek wraca bez karty i wpisuje PIN na panelu: otwiera się ta sama skrytka.',
      it: 'Marek torna senza tessera e digita il PIN sul pannello: si apre lo stesso scomparto.',
    });
    await stage.touch({ answer: 'scan', scan: { kind: 'pin', value: DEMO_PEOPLE.marek.pin } });
    await stage.opens('open');
    await stage.close(compartment, CLOSES_DOOR.marek);
    await stage.person({
      en: 'Marek hands in his locker: the administrator withdraws his right.',
      pl: 'Marek zdaje szafkę: administrator odbiera mu prawo.',
      it: 'Marek restituisce l’armadietto: l’amministratore gli revoca il diritto.',
    });
    await stage.administer({
      do: 'withdraw',
      cabinet: 'A',
      compartment,
      user,
      reason: 'locker handed in',
    });
    await stage.logged('compartment-released');
  },
};
