/** `npm run admin -- opcua-tags`: lists of tags for SCADA tools, from the address space of the running server. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ParseArgsOptionsConfig } from 'node:util';
import type { CommandAnswer } from '../gateway/command-socket.ts';
import type { OpcUaTagPage, OpcUaTagRequest } from '../gateway/opcua-administration.ts';
import type { TagList } from '../reports/tags/format.ts';
import { genericTags } from '../reports/tags/generic.ts';
import { ignitionTags } from '../reports/tags/ignition.ts';
import { kepwareTags } from '../reports/tags/kepware.ts';

export const OPCUA_TAGS_USAGE = `  opcua-tags [--format csv|kepware|ignition] [--cabinet C] [--cassette C] [--server NAME] [--out FILE]
                                                 a list of tags for SCADA tools; NAME: of the connection in Ignition`;

export const OPCUA_TAGS_OPTIONS = {
  format: { type: 'string' },
  cabinet: { type: 'string' },
  server: { type: 'string' },
  out: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

type OpcUaTagsValues = {
  readonly [Name in keyof typeof OPCUA_TAGS_OPTIONS | 'cassette']?: string | undefined;
};

/** What the formats are called; each file has a list of its own. */
const FORMATS = {
  csv: () => genericTags(),
  kepware: () => kepwareTags(),
  ignition: ({ server = 'Sezam' }: OpcUaTagsValues) => ignitionTags(server),
} as const satisfies Readonly<Record<string, (values: OpcUaTagsValues) => TagList>>;

type Ask = (request: OpcUaTagRequest) => Promise<CommandAnswer>;

/**
 * Writes the list that was asked for, part by part: to a file, which is there as a whole or not at all, or to where
 * everything goes. Resolves to how many tags it has, or to what was refused.
 *
 * @param ask asks the running Sezam
 * @param output where the list goes without a file
 */
export async function writeTags(
  values: OpcUaTagsValues,
  ask: Ask,
  output: Writable,
): Promise<CommandAnswer & { readonly tags?: number }> {
  const { format = 'csv', out } = values;
  if (!isFormat(format)) {
    throw new Error(`There is no format "${format}". Take one of ${Object.keys(FORMATS).join(', ')}.`);
  }
  const list = FORMATS[format](values);
  if (out === undefined) return writeList(list, values, ask, output);
  const part = `${out}.part`;
  const file = createWriteStream(part);
  try {
    const written = await writeList(list, values, ask, file);
    file.end();
    await finished(file);
    if (written.ok) await rename(part, out);
    return written;
  } finally {
    file.destroy();
    await rm(part, { force: true });
  }
}

async function writeList(
  list: TagList,
  { cabinet, cassette }: OpcUaTagsValues,
  ask: Ask,
  output: Writable,
): Promise<CommandAnswer & { readonly tags?: number }> {
  const which = { ...(cabinet !== undefined && { cabinet }), ...(cassette !== undefined && { cassette }) };
  let tags = 0;
  let text = list.begin();
  let request: OpcUaTagRequest = { do: 'list-opcua-tags', ...which };
  for (;;) {
    const answer = await ask(request);
    if (!answer.ok) return answer;
    const { tags: page, next } = answer.result as OpcUaTagPage;
    tags += page.length;
    text += page.map((tag) => list.tag(tag)).join('');
    if (next === undefined) break;
    await write(output, text);
    text = '';
    request = { do: 'list-opcua-tags', next };
  }
  await write(output, `${text}${list.end()}`);
  return { ok: true, result: null, tags };
}

function isFormat(format: string): format is keyof typeof FORMATS {
  return Object.hasOwn(FORMATS, format);
}

/** Resolves once it is written. Whoever reads what is printed may go away, as `head` does; nobody is told the rest. */
function write(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => {
      const gone = (error as NodeJS.ErrnoException | null | undefined)?.code === 'EPIPE';
      if (error && !gone) reject(error);
      else resolve();
    });
  });
}
