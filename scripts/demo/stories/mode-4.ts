import type { Story } from '../story.ts';

const KEYPAD = 'keypad-D';
const WANTED = 3;
const PIN = '2468';
const WRONG_PIN = '1357';

/** 4.2: guests leave things under a PIN of their own. */
export const story: Story = {
  cabinet: 'D',
  panel: 'panel-D',
  title: {
    en: 'Mode 4, schema 4.2: luggage of guests. Whoever comes leaves things under a PIN of their own.',
    pl: 'Tryb 4, schemat 4.2: bagaż gości. Kto przyjdzie, zostawia rzeczy pod własnym PIN-em.',
    it: 'Modalità 4, schema 4.2: bagagli degli ospiti. Chi arriva lascia le sue cose con un PIN proprio.',
  },
  async play(stage) {
    await stage.person({
      en: 'A guest with a suitcase touches “deposit”.',
      pl: 'Gość z walizką dotyka „Zdeponuj”.',
      it: 'Un ospite con una valigia tocca «Deposita».',
    });
    await stage.touch({ answer: 'deposit' });
    await stage.logged('session-started');
    const { prompt } = await stage.shows('choose-compartment');
    const compartment = prompt.compartments?.includes(WANTED) ? WANTED : (prompt.compartments?.[0] ?? WANTED);
    await stage.person(
      {
        en: 'The guest chooses compartment {compartment}.',
        pl: 'Gość wybiera skrytkę {compartment}.',
        it: 'L’ospite sceglie lo scomparto {compartment}.',
      },
      { compartment },
    );
    await stage.touch({ answer: 'compartment', compartment });
    await stage.opens('put-in-and-close');
    await stage.close(compartment, {
      en: 'The guest puts the suitcase in and closes compartment {compartment}.',
      pl: 'Gość wkłada walizkę i zamyka skrytkę {compartment}.',
      it: 'L’ospite mette dentro la valigia e chiude lo scomparto {compartment}.',
    });
    await stage.shows('set-pin');
    await stage.person({
      en: 'The guest types a PIN on the keypad, and keeps it.',
      pl: 'Gość wpisuje PIN na klawiaturze i zapamiętuje go.',
      it: 'L’ospite digita un PIN sulla tastiera e lo tiene a mente.',
    });
    await stage.type(PIN, KEYPAD);
    await stage.logged('deposit-stored');
    await stage.shows('stored');
    await stage.person(
      {
        en: 'The guest comes back, types {compartment}, and then a wrong PIN.',
        pl: 'Gość wraca, wpisuje {compartment}, a potem błędny PIN.',
        it: 'L’ospite torna, digita {compartment} e poi un PIN sbagliato.',
      },
      { compartment },
    );
    await stage.type(String(compartment), KEYPAD);
    await stage.type(WRONG_PIN, KEYPAD);
    await stage.refuses('wrong-code');
    await stage.person(
      {
        en: 'The guest types {compartment} and the right PIN.',
        pl: 'Gość wpisuje {compartment} i właściwy PIN.',
        it: 'L’ospite digita {compartment} e il PIN giusto.',
      },
      { compartment },
    );
    await stage.type(String(compartment), KEYPAD);
    await stage.type(PIN, KEYPAD);
    await stage.opens('take-out-and-close');
    await stage.close(compartment, {
      en: 'The guest takes the suitcase out and closes compartment {compartment}.',
      pl: 'Gość wyjmuje walizkę i zamyka skrytkę {compartment}.',
      it: 'L’ospite prende la valigia e chiude lo scomparto {compartment}.',
    });
    await stage.shows('collected');
    await stage.person({
      en: 'Somebody tries the same number and PIN once more.',
      pl: 'Ktoś próbuje jeszcze raz tego samego numeru i PIN-u.',
      it: 'Qualcuno riprova con lo stesso numero e PIN.',
    });
    await stage.touch({ answer: 'collect', compartment, pin: PIN });
    await stage.refuses('wrong-code');
  },
};
