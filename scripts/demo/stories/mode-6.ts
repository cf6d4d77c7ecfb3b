import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import type { Story } from '../story.ts';

const WANTED = 5;
const SCANNER = 'scanner-F';

/** 6.3: a master leaves a parcel; whoever has its code collects it. */
export const story: Story = {
  cabinet: 'F',
  panel: 'panel-F',
  title: {
    en: 'Mode 6, schema 6.3: parcels. A master leaves one; whoever has its code collects it, once.',
    pl: 'Tryb 6, schemat 6.3: paczki. Master zostawia paczkę; kto ma jej kod, odbiera ją, jeden raz.',
    it: 'Modalità 6, schema 6.3: pacchi. Un master ne lascia uno; chi ha il codice lo ritira, una volta.',
  },
  async play(stage) {
    const code = `]Q1PARCEL-${String(Date.now() % 1_000_000).padStart(6, '0')}`;
    await stage.person({
      en: 'Anna holds her card to the reader. She has no master right.',
      pl: 'Anna przykłada kartę do czytnika. Nie ma prawa mastera.',
      it: 'Anna avvicina la sua tessera al lettore. Non ha il diritto di master.',
    });
    await stage.presentCard(DEMO_PEOPLE.anna.card, 'card-reader-F');
    await stage.refuses('collect-with-code');
    await stage.person({
      en: 'Olga of the reception, a master, holds her card to the reader.',
      pl: 'Olga z recepcji, master, przykłada kartę do czytnika.',
      it: 'Olga della reception, master, avvicina la sua tessera al lettore.',
    });
    await stage.presentCard(DEMO_PEOPLE.olga.card, 'card-reader-F');
    await stage.logged('session-started');
    await stage.shows('set-code');
    await stage.person({
      en: 'Olga scans the QR code on the parcel. The recipient has the same one in a message.',
      pl: 'Olga skanuje kod QR z paczki. Odbiorca ma taki sam w wiadomości.',
      it: 'Olga scansiona il codice QR del pacco. Il destinatario ha lo stesso in un messaggio.',
    });
    await stage.act({ do: 'scan', text: code, reader: SCANNER });
    await stage.logged('session-moved');
    const { prompt } = await stage.shows('choose-compartment');
    const compartment = prompt.compartments?.includes(WANTED) ? WANTED : (prompt.compartments?.[0] ?? WANTED);
    await stage.person(
      {
        en: 'Olga chooses compartment {compartment}.',
        pl: 'Olga wybiera skrytkę {compartment}.',
        it: 'Olga sceglie lo scomparto {compartment}.',
      },
      { compartment },
    );
    await stage.touch({ answer: 'compartment', compartment });
    await stage.opens('put-in-and-close');
    await stage.close(compartment, {
      en: 'Olga puts the parcel in and closes compartment {compartment}.',
      pl: 'Olga wkłada paczkę i zamyka skrytkę {compartment}.',
      it: 'Olga mette dentro il pacco e chiude lo scomparto {compartment}.',
    });
    await stage.shows('stored');
    await stage.person({
      en: 'The recipient, whom nobody knows here, holds the QR code to the scanner.',
      pl: 'Odbiorca, którego nikt tu nie zna, przykłada kod QR do skanera.',
      it: 'Il destinatario, che qui nessuno conosce, avvicina il codice QR allo scanner.',
    });
    await stage.act({ do: 'scan', text: code, reader: SCANNER });
    await stage.opens('take-out-and-close');
    await stage.close(compartment, {
      en: 'The recipient takes the parcel out and closes compartment {compartment}.',
      pl: 'Odbiorca wyjmuje paczkę i zamyka skrytkę {compartment}.',
      it: 'Il destinatario prende il pacco e chiude lo scomparto {compartment}.',
    });
    await stage.shows('collected');
    await stage.person({
      en: 'Somebody with a copy of the QR code comes too late.',
      pl: 'Ktoś z kopią kodu QR przychodzi za późno.',
      it: 'Qualcuno con una copia del codice QR arriva troppo tardi.',
    });
    await stage.act({ do: 'scan', text: code, reader: SCANNER });
    await stage.refuses('unknown-credential');
  },
};
