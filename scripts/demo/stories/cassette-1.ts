import { DEMO_KEYS, STRANGE_KEY } from '../../../simulators/demo/keys.ts';
import type { CassetteStory } from '../story.ts';

/** Mode 1, outsourced: K1 in the counting room, K2 at the ATM, and the way back. */
export const story: CassetteStory = {
  cassette: 'C1',
  title: {
    en: 'Cassettes, mode 1: an ATM served by a carrier. K1 in the counting room, K2 at the ATM.',
    pl: 'Kasety, tryb 1: bankomat obsługiwany przez konwój. K1 w liczarni, K2 przy bankomacie.',
    it: 'Cassetti, modalità 1: bancomat esternalizzato. K1 in sala conta, K2 al bancomat.',
  },
  async play(stage) {
    await stage.person({
      en: 'In the counting room the cassette is loaded and closed. Its controller tests battery, ink and trigger.',
      pl: 'W liczarni kaseta jest załadowana i zamknięta. Sterownik sprawdza baterię, farbę i wyzwalacz.',
      it: 'In sala conta il cassetto è carico e chiuso. La centralina prova batteria, inchiostro e innesco.',
    });
    await stage.testItself();
    await stage.person({
      en: 'The cashier holds K1 to the reader: protected for the way.',
      pl: 'Kasjer przykłada K1 do czytnika: ochrona na czas drogi.',
      it: 'Il cassiere avvicina K1 al lettore: protetto per il viaggio.',
    });
    await stage.touchKey(DEMO_KEYS.countingRoom.rom);
    await stage.shows('transit');
    await stage.person({
      en: 'On the way the cassette falls off a kerb: one blow, which is no attack.',
      pl: 'W drodze kaseta spada z krawężnika: jeden wstrząs, to nie atak.',
      it: 'Durante il viaggio il cassetto cade da un gradino: un colpo, che non è un attacco.',
    });
    await stage.act('blow', 8_000);
    await stage.person({
      en: 'The carrier holds K2 to the reader before the cassette is in the ATM.',
      pl: 'Konwojent przykłada K2, zanim kaseta znajdzie się w bankomacie.',
      it: 'Il portavalori avvicina K2 prima che il cassetto sia nel bancomat.',
    });
    await stage.touchKey(DEMO_KEYS.machine.rom);
    await stage.person({
      en: 'The carrier puts it into the ATM, and holds K2 to the reader once more.',
      pl: 'Konwojent umieszcza ją w bankomacie i ponownie przykłada K2.',
      it: 'Il portavalori lo inserisce nel bancomat e avvicina di nuovo K2.',
    });
    await stage.act('put-into-machine');
    await stage.part('machine', 'inserted');
    await stage.touchKey(DEMO_KEYS.machine.rom);
    await stage.shows('full');
    await stage.person({
      en: 'Somebody tries the key of the counting room at the ATM, and then one that is known to nobody.',
      pl: 'Ktoś próbuje przy bankomacie klucza z liczarni, a potem nikomu nieznanego.',
      it: 'Qualcuno prova al bancomat la chiave della sala conta, poi una che nessuno conosce.',
    });
    await stage.touchKey(DEMO_KEYS.countingRoom.rom);
    await stage.touchKey(STRANGE_KEY);
    await stage.person({
      en: 'The carrier comes to fetch it: the same K2, and out of the ATM.',
      pl: 'Konwojent przyjeżdża po kasetę: ten sam K2, i z bankomatu.',
      it: 'Il portavalori viene a ritirarlo: la stessa K2, e fuori dal bancomat.',
    });
    await stage.touchKey(DEMO_KEYS.machine.rom);
    await stage.shows('transit');
    await stage.act('take-out-of-machine');
    await stage.part('machine', 'removed');
    await stage.person({
      en: 'In the counting room: the spare K1 is not the one that armed it. The same K1 is.',
      pl: 'W liczarni: zapasowy K1 to nie ten, którym uzbrojono kasetę. Dopiero ten sam K1.',
      it: 'In sala conta: la K1 di riserva non è quella che l’ha armato. La stessa K1 sì.',
    });
    await stage.touchKey(DEMO_KEYS.spare.rom);
    await stage.touchKey(DEMO_KEYS.countingRoom.rom);
    await stage.shows('rest');
  },
};
