/** `sezam-notify`: turns what somebody should know into messages for people, and into mail where that is wanted. */
import { LANGUAGES, type Language } from '../../domain/texts/texts.ts';
import type { Gateway } from '../../gateway/api.ts';
import type { MailOutcome, Unsubscribe } from '../../gateway/ports.ts';
import { isChosen, parseChoice } from '../choice.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import { followGateway, gatewayStatus, watchGateway } from '../gateway-user.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { inWords, type StatusText } from '../status.ts';
import { NOTICE_TEXTS, type NoticePayload, noticePayload, type Severity } from './notice.ts';
import { NoticePost } from './notice-post.ts';

interface NotifySettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of a cabinet; empty: every cabinet. */
  readonly cabinet: string;
  /** Codes of notices, separated by commas; empty: every one. */
  readonly codes: string;
  /** Address that the notices are mailed to; empty: no mail. */
  readonly mailTo: string;
  /** Language of the mail. */
  readonly language: string;
}

export const migrations = [
  withDefaults({ name: '', gateway: '', cabinet: '', codes: '', mailTo: '', language: 'en' }),
];

/** The mail about a notice. */
export function noticeMail(
  { severity, text, at }: NoticePayload,
  { to, site, language }: { readonly to: string; readonly site: string; readonly language: Language },
) {
  const time = new Date(at).toISOString().replace('T', ' ').slice(0, 19);
  return {
    to,
    subject: `${NOTICE_TEXTS[language].severities[severity]} – ${site}`,
    text: `${text[language]}\n\n${time} UTC\n`,
  };
}

/** What the message on the second output says of a mail. */
export function mailPayload(notice: NoticePayload, outcome: MailOutcome) {
  return { ...notice, mail: outcome.outcome, ...('status' in outcome && { status: outcome.status }) };
}

const FILL: Readonly<Record<Severity, StatusText['fill']>> = {
  alarm: 'red',
  warning: 'yellow',
  information: 'green',
};

/** A silent alarm stays silent here too: an open editor may stand beside the cabinet. */
function statusOf({ code, severity, compartment }: NoticePayload): StatusText | undefined {
  if (code === 'duress') return undefined;
  const place = compartment === undefined ? {} : { values: { compartment } };
  const key = compartment === undefined ? `notice-${severity}` : `notice-${severity}-at`;
  return { fill: FILL[severity], shape: 'dot', key, ...place };
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-notify', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<NotifySettings>(definition, migrations);
    const codes = parseChoice(settings.codes);
    const to = settings.mailTo.trim();
    const language = LANGUAGES.find((each) => each === settings.language) ?? 'en';
    const show = (status: StatusText): void => this.status(inWords(RED, status));

    const takeOver = (gateway: Gateway): Unsubscribe => {
      const post = new NoticePost({
        send: (notice) => gateway.mail.notify(noticeMail(notice, { to, site: gateway.site.name, language })),
        told: ({ notice, outcome }) => {
          this.send([null, { topic: notice.code, payload: mailPayload(notice, outcome) }]);
        },
      });
      const leave = gateway.onChange((change) => {
        const notice = noticePayload(change, gateway.site);
        if (!notice || !isChosen(codes, notice.code)) return;
        if (settings.cabinet !== '' && settings.cabinet !== notice.cabinet) return;
        const status = statusOf(notice);
        if (status) show(status);
        this.send([{ topic: notice.code, payload: notice }, null]);
        if (to !== '') post.post(notice);
      });
      return () => {
        leave();
        post.close();
      };
    };

    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      takeOver,
      (state) => show(state.kind === 'absent' ? explain(state.error).status : gatewayStatus(state)),
      (error) => this.error(explain(error).error.message),
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      done();
    });
  });
}
