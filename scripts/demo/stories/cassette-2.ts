import { DEMO_KEYS } from '../../../simulators/demo/keys.ts';
import type { CassetteStory } from '../story.ts';

/** Mode 2, internal: one key; an attack with gas, and what two persons do then. */
export const story: CassetteStory = {
  cassette: 'C2',
  title: {
    en: 'Cassettes, mode 2: the ATM of a branch, one key. An attack with gas, and the reset by two persons.',
    pl: 'Kasety, tryb 2: bankomat w oddziale, jeden klucz. Atak gazem i reset przez dwie osoby.',
    it: 'Cassetti, modalità 2: bancomat di filiale, una chiave. Un attacco con gas e il ripristino in due.',
  },
  async play(stage) {
    await stage.person({
      en: 'A clerk puts the loaded cassette into the ATM. Its controller tests battery, ink and trigger.',
      pl: 'Pracownik umieszcza załadowaną kasetę w bankomacie. Sterownik sprawdza baterię, farbę i wyzwalacz.',
      it: 'Un impiegato inserisce il cassetto carico nel bancomat. La centralina prova batteria, inchiostro e innesco.',
    });
    await stage.act('put-into-machine');
    await stage.part('machine', 'inserted');
    await stage.testItself();
    await stage.person({
      en: 'The clerk holds the key of the branch to the reader.',
      pl: 'Pracownik przykłada klucz oddziału do czytnika.',
      it: 'L’impiegato avvicina la chiave della filiale al lettore.',
    });
    await stage.touchKey(DEMO_KEYS.branch.rom);
    await stage.shows('full');
    await stage.person({
      en: 'At night somebody lets gas into the ATM.',
      pl: 'W nocy ktoś wpuszcza gaz do bankomatu.',
      it: 'Di notte qualcuno immette gas nel bancomat.',
    });
    await stage.act('gas', 12);
    await stage.logged('gas-level-changed');
    await stage.happens('gas-driven-out');
    await stage.person({
      en: 'They let in more than the blower drives out.',
      pl: 'Wpuszcza więcej, niż usuwa nawiew.',
      it: 'Ne immette più di quanto la ventola ne espella.',
    });
    await stage.act('gas', 30);
    await stage.logged('stained');
    await stage.stains();
    await stage.part('stainer', 'fired');
    await stage.sealed();
    await stage.person({
      en: 'In the morning the clerk tries the key: nothing undoes a staining.',
      pl: 'Rano pracownik próbuje klucza: zabarwienia nic nie cofnie.',
      it: 'Al mattino l’impiegato prova la chiave: nulla annulla una macchiatura.',
    });
    await stage.touchKey(DEMO_KEYS.branch.rom);
    await stage.person({
      en: 'Ewa, an administrator, asks for the reset alone.',
      pl: 'Ewa, administratorka, sama żąda resetu.',
      it: 'Ewa, amministratrice, chiede da sola il ripristino.',
    });
    const ewa = await stage.identify('ewa');
    const reason = 'attack with gas, police informed';
    await stage.command({ do: 'reset-stained' }, reason, { person: ewa });
    await stage.logged('command-refused');
    await stage.shows('refused');
    await stage.person({
      en: 'Paolo identifies as well, and the cassette goes into service.',
      pl: 'Paolo też się identyfikuje i kaseta przechodzi w tryb serwisu.',
      it: 'Anche Paolo si identifica e il cassetto entra in servizio.',
    });
    const paolo = await stage.identify('paolo');
    await stage.command({ do: 'reset-stained' }, reason, { person: ewa, second: paolo });
    await stage.logged('service-entered');
    await stage.shows('service');
    await stage.person({
      en: 'The ATM is aired, and the cassette taken to the workshop: a new cartridge, and new notes.',
      pl: 'Bankomat przewietrzono, a kasetę zabrano do warsztatu: nowy wkład i nowe banknoty.',
      it: 'Il bancomat viene arieggiato e il cassetto portato in officina: cartuccia e banconote nuove.',
    });
    await stage.act('gas', 0);
    await stage.logged('gas-level-changed');
    await stage.happens('gas-driven-out');
    await stage.act('take-out-of-machine');
    await stage.part('machine', 'removed');
    await stage.act('replace-cartridge');
    await stage.part('stainer', 'inhibited');
    await stage.testItself();
    await stage.person({
      en: 'Ewa finishes service. The cassette is at rest again.',
      pl: 'Ewa kończy serwis. Kaseta znów jest w spoczynku.',
      it: 'Ewa conclude il servizio. Il cassetto è di nuovo a riposo.',
    });
    await stage.command({ do: 'finish-service', loaded: true }, 'new cartridge and notes', { person: ewa });
    await stage.logged('service-finished');
    await stage.shows('rest');
    await stage.part('stainer', 'ready');
  },
};
