import { Ajv } from 'ajv';
import {
  type CabinetId,
  type CompartmentNumber,
  type Milliseconds,
  MOST_COMPARTMENTS,
} from '../domain/site.ts';
import type { MailOutcome } from '../gateway/ports.ts';
import type { TaskData } from '../jobs/job.ts';

/** Which deposit a mail is about. */
export interface MailedDeposit {
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  readonly deposit: string;
}

/** What the queue keeps of a mail. Who it is for and what it says is sealed, and gone once the mail has ended. */
export interface QueuedMail extends MailedDeposit {
  readonly giveUpAt: Milliseconds;
  readonly sealed?: string;
  /** It has ended so, and that is still to be told. */
  readonly ended?: Exclude<MailOutcome, { outcome: 'deferred' }>;
}

const ID = { type: 'string', minLength: 1, maxLength: 128 } as const;

const validate = new Ajv().compile<QueuedMail>({
  type: 'object',
  required: ['cabinet', 'compartment', 'deposit', 'giveUpAt'],
  properties: {
    cabinet: ID,
    compartment: { type: 'integer', minimum: 1, maximum: MOST_COMPARTMENTS },
    deposit: ID,
    giveUpAt: { type: 'number', minimum: 0 },
    sealed: { type: 'string', minLength: 1 },
    ended: {
      type: 'object',
      required: ['outcome'],
      properties: { outcome: { enum: ['sent', 'refused'] }, status: { type: 'string' } },
    },
  },
});

/** The mail that a task is about; undefined where the database holds something else under its name. */
export function queuedMail(data: TaskData): QueuedMail | undefined {
  const content: unknown = data;
  return validate(content) ? content : undefined;
}
