import { DEMO_KEYS } from '../../../simulators/demo/keys.ts';
import type { CassetteStory } from '../story.ts';

/** Mode 3, internal with loading in a protected zone: from K1 on a grace time runs until K2 at the ATM. */
export const story: CassetteStory = {
  cassette: 'C3',
  title: {
    en: 'Cassettes, mode 3: loaded in a protected zone. A grace time runs until the cassette is in the ATM.',
    pl: 'Kasety, tryb 3: ładowanie w strefie chronionej. Do umieszczenia w bankomacie biegnie czas.',
    it: 'Cassetti, modalità 3: carico in zona protetta. Un tempo di franchigia corre fino all’inserimento nel bancomat.',
  },
  async play(stage) {
    await stage.person({
      en: 'In the protected zone the cassette is loaded and closed. Its controller tests battery, ink and trigger.',
      pl: 'W strefie chronionej kaseta jest załadowana i zamknięta. Sterownik sprawdza baterię, farbę i wyzwalacz.',
      it: 'Nella zona protetta il cassetto è carico e chiuso. La centralina prova batteria, inchiostro e innesco.',
    });
    await stage.testItself();
    await stage.person({
      en: 'The clerk opens the lid once more. Even at rest that stains, after a countdown: the clerk closes it in time.',
      pl: 'Pracownik jeszcze raz otwiera pokrywę. Nawet w spoczynku to barwi, po odliczaniu: zamyka ją na czas.',
      it: 'L’impiegato riapre il coperchio. Anche a riposo macchia, dopo un conto alla rovescia: lo richiude in tempo.',
    });
    await stage.act('open-lid');
    await stage.logged('pre-alarm-begun');
    await stage.shows('pre-alarm');
    await stage.act('close-lid');
    await stage.logged('pre-alarm-ended');
    await stage.shows('rest');
    await stage.person({
      en: 'The clerk holds K1 to the reader, and time begins to run.',
      pl: 'Pracownik przykłada K1 do czytnika i czas zaczyna biec.',
      it: 'L’impiegato avvicina K1 al lettore e il tempo comincia a correre.',
    });
    await stage.touchKey(DEMO_KEYS.countingRoom.rom);
    await stage.shows('grace');
    await stage.person({
      en: 'The corridor to the ATM is blocked. The cassette warns that time runs out.',
      pl: 'Korytarz do bankomatu jest zastawiony. Kaseta ostrzega, że czas się kończy.',
      it: 'Il corridoio verso il bancomat è bloccato. Il cassetto avverte che il tempo sta per finire.',
    });
    await stage.logged('grace-warning');
    await stage.shows('grace-soon');
    await stage.person({
      en: 'The clerk puts the cassette into the ATM, and holds K2 to the reader: the time is stopped.',
      pl: 'Pracownik umieszcza kasetę w bankomacie i przykłada K2: czas zatrzymany.',
      it: 'L’impiegato inserisce il cassetto nel bancomat e avvicina K2: il tempo è fermato.',
    });
    await stage.act('put-into-machine');
    await stage.part('machine', 'inserted');
    await stage.touchKey(DEMO_KEYS.machine.rom);
    await stage.shows('full');
    await stage.person({
      en: 'On the way back no time runs: the same K2 at the ATM, the same K1 in the protected zone.',
      pl: 'W drodze powrotnej czas nie biegnie: ten sam K2 przy bankomacie, ten sam K1 w strefie chronionej.',
      it: 'Al ritorno non corre alcun tempo: la stessa K2 al bancomat, la stessa K1 nella zona protetta.',
    });
    await stage.touchKey(DEMO_KEYS.machine.rom);
    await stage.shows('transit');
    await stage.act('take-out-of-machine');
    await stage.part('machine', 'removed');
    await stage.touchKey(DEMO_KEYS.countingRoom.rom);
    await stage.shows('rest');
  },
};
