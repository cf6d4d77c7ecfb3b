/** The methods of a cassette as a table: what each asks for, what it takes, and what it says when it is done. */
import type { CassetteCommand } from '../domain/cassette/inputs.ts';
import type { Milliseconds } from '../domain/site.ts';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';

export type CassetteCommandName =
  | 'EnterService'
  | 'FinishService'
  | 'ResetStained'
  | 'OverrideKey'
  | 'ConfirmKey'
  | 'BeginTest'
  | 'EndTest'
  | 'SelfTest';

interface CassetteMethod {
  readonly displayName: string;
  readonly description: string;
  /** An argument after the reason. */
  readonly more?: 'Minutes' | 'Loaded';
  /** Whether it takes a second person, always or where the site asks for one. */
  readonly twoPersons: boolean;
  /** @param given the argument after the reason, where it takes one */
  command(given: { readonly minutes: number; readonly loaded: boolean }): CassetteCommand;
  readonly done: Sentence;
}

const MINUTE: Milliseconds = 60_000;

export const CASSETTE_COMMANDS: Readonly<Record<CassetteCommandName, CassetteMethod>> = {
  EnterService: {
    displayName: 'Enter service',
    description:
      'From rest, for a limited time: the cassette may be opened and loaded, and nothing can fire. For administrators.',
    more: 'Minutes',
    twoPersons: true,
    command: ({ minutes }) => ({ do: 'enter-service', ...(minutes > 0 && { lasts: minutes * MINUTE }) }),
    done: {
      en: 'The cassette is in service.',
      pl: 'Kaseta jest w trybie serwisowym.',
      it: 'Il cassetto è in servizio.',
    },
  },
  FinishService: {
    displayName: 'Finish service',
    description: 'Back to rest, with the lid closed. For administrators.',
    more: 'Loaded',
    twoPersons: false,
    command: ({ loaded }) => ({ do: 'finish-service', loaded }),
    done: {
      en: 'Service is finished; the cassette is at rest.',
      pl: 'Serwis zakończony; kaseta jest w spoczynku.',
      it: 'Il servizio è finito; il cassetto è a riposo.',
    },
  },
  ResetStained: {
    displayName: 'Reset stained',
    description: 'From stained into service, to put in a new cartridge. For administrators.',
    twoPersons: true,
    command: () => ({ do: 'reset-stained' }),
    done: {
      en: 'The staining is reset; the cassette is in service.',
      pl: 'Stan zabarwienia skasowany; kaseta jest w trybie serwisowym.',
      it: 'La macchiatura è azzerata; il cassetto è in servizio.',
    },
  },
  OverrideKey: {
    displayName: 'Override key',
    description:
      'In place of a key that was lost: one stage down, as the same key would. Always takes two persons. For administrators.',
    twoPersons: true,
    command: () => ({ do: 'override-key' }),
    done: {
      en: 'The cassette is one stage down, in place of the key.',
      pl: 'Kaseta przeszła o jeden stopień niżej, zamiast użycia klucza.',
      it: 'Il cassetto è sceso di un livello, al posto della chiave.',
    },
  },
  ConfirmKey: {
    displayName: 'Confirm key',
    description: 'The second factor of a use of K1, within the time of the site. For administrators.',
    twoPersons: false,
    command: () => ({ do: 'confirm-key' }),
    done: {
      en: 'The use of the key is confirmed.',
      pl: 'Użycie klucza zostało potwierdzone.',
      it: "L'uso della chiave è confermato.",
    },
  },
  BeginTest: {
    displayName: 'Begin test',
    description:
      'In service: each sensor that is tried is recorded, and nothing can fire. For administrators.',
    twoPersons: false,
    command: () => ({ do: 'begin-test' }),
    done: { en: 'The test runs.', pl: 'Test trwa.', it: 'La prova è in corso.' },
  },
  EndTest: {
    displayName: 'End test',
    description: 'Ends the test of the sensors. For administrators.',
    twoPersons: false,
    command: () => ({ do: 'end-test' }),
    done: { en: 'The test is over.', pl: 'Test zakończony.', it: 'La prova è finita.' },
  },
  SelfTest: {
    displayName: 'Self-test',
    description:
      'At rest or in service: the controller tests battery, ink and trigger, and tells the result in Supervision. For administrators.',
    twoPersons: false,
    command: () => ({ do: 'self-test' }),
    done: {
      en: 'The controller was asked for a self-test.',
      pl: 'Sterownik dostał polecenie autotestu.',
      it: "È stato chiesto l'autotest al controllore.",
    },
  },
};

/** The names of all methods of a cassette. */
export const CASSETTE_COMMAND_NAMES = Object.keys(CASSETTE_COMMANDS) as CassetteCommandName[];

/** Whether a cassette has a method of that name. */
export function isCassetteCommand(name: string): name is CassetteCommandName {
  return Object.hasOwn(CASSETTE_COMMANDS, name);
}
