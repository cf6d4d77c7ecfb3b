import { DEMO_PEOPLE } from '../../../simulators/demo/people.ts';
import { StoryError } from '../connection.ts';
import type { Stage } from '../stage.ts';
import { CLOSES_DOOR, type Story } from '../story.ts';

const READER = 'card-reader-C';
const WANTED = 'Multimeter';

/** 3.2: tools to borrow; an item reader sees what is taken and returned. */
export const story: Story = {
  cabinet: 'C',
  panel: 'panel-C',
  title: {
    en: 'Mode 3, schema 3.2: tools to borrow. The item reader sees what is taken and returned.',
    pl: 'Tryb 3, schemat 3.2: wypożyczalnia narzędzi. Czytnik przedmiotów widzi, co zabrano i oddano.',
    it: 'Modalità 3, schema 3.2: attrezzi in prestito. Il lettore vede che cosa è preso e reso.',
  },
  async play(stage) {
    const user = await stage.user('giulia');
    const items = await itemsOf(stage);
    const borrowed = await loanOf(stage, user, items);
    if (borrowed) await bringBack(stage, borrowed.tag);
    await stage.person({
      en: 'Anna holds her card to the reader. She is not of the workshop.',
      pl: 'Anna przykłada kartę do czytnika. Nie jest z warsztatu.',
      it: 'Anna avvicina la sua tessera al lettore. Non è dell’officina.',
    });
    await stage.presentCard(DEMO_PEOPLE.anna.card, READER);
    await stage.refuses('no-group-given');
    await stage.person({
      en: 'Giulia of the workshop holds her card to the reader.',
      pl: 'Giulia z warsztatu przykłada kartę do czytnika.',
      it: 'Giulia dell’officina avvicina la sua tessera al lettore.',
    });
    await stage.presentCard(DEMO_PEOPLE.giulia.card, READER);
    await stage.logged('session-started');
    const { prompt } = await stage.shows('choose-compartment');
    const offered = (await stage.occupancy()).filter(({ compartment }) =>
      prompt.compartments?.includes(compartment),
    );
    const inside = (name: string) =>
      offered.find((each) => each.items.some((item) => items.get(item)?.name === name));
    const chosen = inside(WANTED) ?? offered[0];
    const item = items.get(chosen?.items[0] ?? '');
    if (!chosen || !item) throw new StoryError('No tool of the demo lies in cabinet C. Start Sezam anew.');
    const { compartment } = chosen;
    const values = { compartment, item: item.name };
    await stage.person(
      {
        en: 'Giulia chooses compartment {compartment}.',
        pl: 'Giulia wybiera skrytkę {compartment}.',
        it: 'Giulia sceglie lo scomparto {compartment}.',
      },
      values,
    );
    await stage.touch({ answer: 'compartment', compartment });
    await stage.opens('take-item-and-close');
    await stage.person(
      {
        en: 'Giulia takes what lies inside: {item}.',
        pl: 'Giulia bierze to, co leży w środku: {item}.',
        it: 'Giulia prende ciò che c’è dentro: {item}.',
      },
      values,
    );
    await stage.act({ do: 'take-item', tag: item.tag, cabinet: 'C', compartment });
    await stage.happens('item-taken', compartment);
    await stage.logged('item-removed');
    await stage.close(compartment, CLOSES_DOOR.giulia);
    await stage.logged('use-settled');
    await stage.shows('taken');
    const loan = await loanOf(stage, user, items);
    if (!loan) throw new StoryError('Nobody knows that Giulia has it.');
    await stage.person(
      {
        en: 'The administrator asks what Giulia has: {item}, out of compartment {compartment}.',
        pl: 'Administrator pyta, co ma Giulia: {item}, ze skrytki {compartment}.',
        it: 'L’amministratore chiede che cosa ha Giulia: {item}, dallo scomparto {compartment}.',
      },
      { item: loan.name, compartment: loan.compartment },
    );
    await bringBack(stage, item.tag);
  },
};

interface Item {
  readonly name: string;
  readonly tag: string;
}

async function itemsOf(stage: Stage): Promise<ReadonlyMap<string, Item>> {
  const list = (await stage.administer({ do: 'list-items' })) as readonly (Item & { readonly id: string })[];
  return new Map(list.map((item) => [item.id, item]));
}

/** What somebody has borrowed and not returned. */
async function loanOf(
  stage: Stage,
  user: string,
  items: ReadonlyMap<string, Item>,
): Promise<(Item & { readonly compartment: number }) | undefined> {
  for (const possession of await stage.possessionsOf(user)) {
    const item = possession.kind === 'loan' ? items.get(possession.item ?? '') : undefined;
    if (item) return { ...item, compartment: possession.compartment };
  }
  return undefined;
}

async function bringBack(stage: Stage, tag: string): Promise<void> {
  await stage.person({
    en: 'Giulia brings it back and holds her card to the reader: a free compartment opens.',
    pl: 'Giulia przynosi to z powrotem i przykłada kartę: otwiera się wolna skrytka.',
    it: 'Giulia lo riporta e avvicina la sua tessera: si apre uno scomparto libero.',
  });
  await stage.presentCard(DEMO_PEOPLE.giulia.card, READER);
  const compartment = await stage.opens('return-item-and-close');
  await stage.person({
    en: 'Giulia puts it in.',
    pl: 'Giulia wkłada to do środka.',
    it: 'Giulia lo mette dentro.',
  });
  await stage.act({ do: 'put-item', tag, cabinet: 'C', compartment });
  await stage.happens('item-put', compartment);
  await stage.logged('item-placed');
  await stage.close(compartment, CLOSES_DOOR.giulia);
  await stage.logged('use-settled');
  await stage.shows('returned');
}
