/** Commands of `npm run admin` about records of stainings. They read files: Sezam need not run. */
import { stat, writeFile } from 'node:fs/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Incident } from '../domain/cassette/incident.ts';
import { durationText, nameOf } from '../domain/texts/cassette-texts.ts';
import { LANGUAGES, type Language } from '../domain/texts/texts.ts';
import { listIncidents, readIncident, readSealedFile } from '../gateway/cassettes/incident-files.ts';
import {
  incidentKey,
  publicPart,
  type SealedIncident,
  verifySealed,
} from '../gateway/cassettes/incident-seal.ts';

export const INCIDENT_USAGE = `Records of stainings (Sezam need not run)
  incidents                                      lists them, and says whether they are as they were sealed
  incident --id ID                               tells what it says
  incident --id ID --pdf FILE [--language en|pl|it]
                                                 writes the statement for the exchange of the banknotes
  verify-incident --file FILE [--fingerprint F]  verifies one, wherever it is from; F: the key it has to be signed with
  incident-key                                   prints the public key of this installation, to be handed over`;

export const INCIDENT_OPTIONS = {
  id: { type: 'string' },
  pdf: { type: 'string' },
  language: { type: 'string' },
  file: { type: 'string' },
  fingerprint: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type IncidentValues = { readonly [Name in keyof typeof INCIDENT_OPTIONS]?: string | undefined };

/** What a command prints, and with which exit code it ends. */
export interface IncidentAnswer {
  /** A table, or lines. */
  readonly table?: readonly object[];
  readonly lines?: readonly string[];
  /** 1: a record is not as it was sealed. */
  readonly exitCode: 0 | 1;
}

/** Something that was typed cannot be carried out. */
class UsageError extends Error {}

/**
 * Carries out a command; undefined where there is none of that name.
 *
 * @throws Error with words for a person
 */
export async function incidentCommand(
  name: string,
  values: IncidentValues,
  dataFolder: string,
): Promise<IncidentAnswer | undefined> {
  switch (name) {
    case 'incidents':
      return listed(dataFolder);
    case 'incident': {
      const sealed = await readIncident(dataFolder, wanted('id', values.id));
      return values.pdf === undefined ? told(sealed) : printed(sealed, values.pdf, values.language);
    }
    case 'verify-incident': {
      const sealed = await readSealedFile(wanted('file', values.file));
      return verified(sealed, values.fingerprint);
    }
    case 'incident-key': {
      // Looking for a key must not make one where there is no Sezam.
      await stat(dataFolder);
      const { pem, fingerprint } = publicPart(await incidentKey(dataFolder));
      return { lines: [`SHA-256 ${fingerprint}`, pem.trim()], exitCode: 0 };
    }
    default:
      return undefined;
  }
}

async function listed(dataFolder: string): Promise<IncidentAnswer> {
  const rows: object[] = [];
  let damaged = false;
  for (const id of await listIncidents(dataFolder)) {
    try {
      const sealed = await readIncident(dataFolder, id);
      const { incident } = sealed;
      const sound = verifySealed(sealed).flaws.length === 0;
      damaged ||= !sound;
      rows.push({
        id,
        at: incident.stained.at,
        cassette: incident.cassette.id,
        cause: causeOf(incident),
        events: incident.events.length,
        record: sound ? 'sound' : 'DAMAGED',
      });
    } catch (error) {
      damaged = true;
      rows.push({ id, record: (error as Error).message });
    }
  }
  if (rows.length === 0) return { lines: ['No cassette has stained its notes.'], exitCode: 0 };
  return { table: rows, exitCode: damaged ? 1 : 0 };
}

function told(sealed: SealedIncident): IncidentAnswer {
  const { incident, digest } = sealed;
  const { stained, attack, armedBy, chain, site, cassette } = incident;
  const { intact, flaws, fingerprint } = verifySealed(sealed);
  // Of what was changed nothing can be believed.
  if (!intact) return { lines: verdictLines(flaws), exitCode: 1 };
  const lines = [
    `${incident.id}: cassette ${cassette.id} (${cassette.name}) at ${site.name}`,
    `  stained at ${stained.at} in the state “${nameOf('phase', stained.phase).en}”: ${causeOf(incident)}`,
    ...(attack
      ? [`  ${durationText(Date.parse(stained.at) - Date.parse(attack.at))} after the attack was confirmed`]
      : []),
    ...armedBy.map(({ stage, key = 'no key', at }) => `  ${stage} stage armed by ${key} at ${at}`),
    `  events ${chain.fromSeq} to ${chain.toSeq} of ${chain.stream}`,
    `  SHA-256 ${digest}`,
    `  signed with the key ${fingerprint}`,
    ...verdictLines(flaws),
  ];
  return { lines, exitCode: flaws.length === 0 ? 0 : 1 };
}

async function printed(
  sealed: SealedIncident,
  path: string,
  language: string | undefined,
): Promise<IncidentAnswer> {
  const { intact, flaws, fingerprint } = verifySealed(sealed);
  // A statement over something that was changed would be a false one.
  if (!intact) return { lines: verdictLines(flaws), exitCode: 1 };
  // Loaded where it is needed only: it takes longer than most commands.
  const { incidentStatement } = await import('../reports/incident/statement.ts');
  const pdf = await incidentStatement(sealed, {
    language: languageOf(language),
    fingerprint,
    sound: flaws.length === 0,
  });
  try {
    await writeFile(path, pdf, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${path} is there already. Remove it, or give another name.`);
  }
  const written = `${path} written: ${pdf.length} bytes.`;
  return flaws.length === 0
    ? { lines: [written], exitCode: 0 }
    : { lines: [written, ...verdictLines(flaws)], exitCode: 1 };
}

function verified(sealed: SealedIncident, expected: string | undefined): IncidentAnswer {
  const { flaws, fingerprint } = verifySealed(sealed);
  const another = expected !== undefined && plain(expected) !== fingerprint;
  const all = another ? [...flaws, `It was signed with another key than ${expected}.`] : flaws;
  const compare =
    expected === undefined ? ['Compare this key with the one that the site has handed over.'] : [];
  return {
    lines: [
      `${sealed.incident.id}, SHA-256 ${sealed.digest}`,
      `signed with the key ${fingerprint}`,
      ...verdictLines(all),
      ...(all.length === 0 ? compare : []),
    ],
    exitCode: all.length === 0 ? 0 : 1,
  };
}

function verdictLines(flaws: readonly string[]): readonly string[] {
  return flaws.length === 0
    ? ['The record is sound: it is as it was sealed, and its events follow one another.']
    : ['The record is DAMAGED:', ...flaws.map((flaw) => `  ${flaw}`)];
}

function causeOf({ stained }: Incident): string {
  return nameOf('cause', stained.cause).en;
}

/** A fingerprint as people type it off a page: in groups, or with large letters. */
function plain(fingerprint: string): string {
  return fingerprint.replace(/[\s:]/g, '').toLowerCase();
}

function wanted(option: keyof IncidentValues, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new UsageError(`--${option} is missing.\n\n${INCIDENT_USAGE}`);
}

function languageOf(language = 'en'): Language {
  const known = LANGUAGES.find((candidate) => candidate === language);
  if (known) return known;
  throw new UsageError(`--language is one of ${LANGUAGES.join(', ')}, and not "${language}".`);
}
