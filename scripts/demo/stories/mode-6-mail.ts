import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { StoryError } from '../connection.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';

const PIN = '739105';
const MAILED = '6.1';
const USUAL = '6.3';

/** 6.1: the system picks the compartment and mails the PIN to the recipient. Only where mail is set up. */
export const story: Story = {
  cabinet: 'F',
  panel: 'panel-F',
  title: {
    en: 'Mode 6, schema 6.1: parcels by mail. The recipient is told the PIN by e-mail.',
    pl: 'Tryb 6, schemat 6.1: paczki z pocztą. Odbiorca dostaje PIN e-mailem.',
    it: 'Modalità 6, schema 6.1: pacchi con la posta. Il destinatario riceve il PIN per e-mail.',
  },
  async play(stage) {
    await stage.person({
      en: 'The administrator changes cabinet F from schema 6.3 to 6.1. It is empty: nothing is lost.',
      pl: 'Administrator zmienia schemat szafy F z 6.3 na 6.1. Jest pusta: nic nie przepada.',
      it: 'L’amministratore passa l’armadio F dallo schema 6.3 al 6.1. È vuoto: non si perde nulla.',
    });
    await changeTo(stage, MAILED);
    try {
      await deposit(stage);
    } catch (error) {
      // Why the story stopped matters more than that a cabinet with something inside keeps its schema.
      await changeTo(stage, USUAL).catch(() => {});
      throw error;
    }
    await changeTo(stage, USUAL);
  },
};

async function changeTo(stage: Stage, schema: string): Promise<void> {
  const change = { cabinet: 'F', schema, dryRun: false, force: false, reason: 'story of the demo' };
  await stage.administer({ do: 'change-mode', ...change });
  await stage.logged('mode-changed');
}

async function deposit(stage: Stage): Promise<void> {
  await stage.person({
    en: 'Olga of the reception, a master, holds her card to the reader.',
    pl: 'Olga z recepcji, master, przykłada kartę do czytnika.',
    it: 'Olga della reception, master, avvicina la sua tessera al lettore.',
  });
  await stage.presentCard(DEMO_PEOPLE.olga.card, 'card-reader-F');
  await stage.shows('put-in-and-close', ['mail-not-set-up']);
  const compartment = await stage.opens();
  await stage.close(compartment, {
    en: 'Olga puts the parcel in and closes compartment {compartment}.',
    pl: 'Olga wkłada paczkę i zamyka skrytkę {compartment}.',
    it: 'Olga mette dentro il pacco e chiude lo scomparto {compartment}.',
  });
  const { recipients = [] } = await stage.shows('choose-recipient');
  const anna = recipients.find(({ name }) => name === DEMO_PEOPLE.anna.name);
  if (!anna) throw new StoryError(`${DEMO_PEOPLE.anna.name} cannot be chosen. Was she blocked?`);
  await stage.person({
    en: 'Olga chooses Anna.',
    pl: 'Olga wybiera Annę.',
    it: 'Olga sceglie Anna.',
  });
  await stage.touch({ answer: 'recipient', user: anna.user });
  await stage.logged('session-moved');
  await stage.shows('set-pin');
  await stage.person({
    en: 'Olga sets a PIN, which the mail tells Anna and nobody else.',
    pl: 'Olga nadaje PIN, który e-mail przekazuje Annie i nikomu innemu.',
    it: 'Olga imposta un PIN, che l’e-mail comunica ad Anna e a nessun altro.',
  });
  await stage.touch({ answer: 'scan', scan: { kind: 'pin', value: PIN } });
  await stage.logged('deposit-mail');
  await stage.shows('mail-sent');
  await stage.person(
    {
      en: 'Anna reads the mail, comes to the panel and gives {compartment} and the PIN.',
      pl: 'Anna czyta e-mail, podchodzi do panelu i podaje {compartment} oraz PIN.',
      it: 'Anna legge l’e-mail, va al pannello e indica {compartment} e il PIN.',
    },
    { compartment },
  );
  await stage.touch({ answer: 'collect', compartment, pin: PIN });
  await stage.opens('take-out-and-close');
  await stage.close(compartment, {
    en: 'Anna takes the parcel out and closes compartment {compartment}.',
    pl: 'Anna wyjmuje paczkę i zamyka skrytkę {compartment}.',
    it: 'Anna prende il pacco e chiude lo scomparto {compartment}.',
  });
  await stage.shows('collected');
}
