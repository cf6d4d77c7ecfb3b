/** Who watches: what a session may see of events at this moment, and in which language it wants them. */
import {
  type BaseNode,
  type ISessionContext,
  MessageSecurityMode,
  type NodeId,
  PermissionType,
  type ServerSession,
  SessionContext,
} from 'node-opcua';
import type { Language } from '../../domain/texts/texts.ts';
import type { Principal } from '../../gateway/api.ts';
import type { EventSource } from './site-event.ts';

export interface Watcher {
  readonly context: ISessionContext;
  readonly language: Language;
  /** Looks after the site, over an encrypted connection: sees silent alarms, and who did and said what. */
  readonly observes: boolean;
}

/** Who is logged in on a session, with the roles of the moment. */
export type PrincipalOf = (session: ServerSession) => Principal | undefined;

/** What a session may see now. */
export function watcherOf(session: ServerSession, principalOf: PrincipalOf): Watcher {
  const context = session.sessionContext;
  const roles = principalOf(session)?.roles ?? [];
  return {
    context,
    language: languageOf(context.getPreferredLocales()),
    observes: isEncrypted(session) && (roles.includes('administrator') || roles.includes('operator')),
  };
}

/** What a session may do now, to be kept for what waits for the next session of the same user. */
export interface Kept {
  readonly watcher: Watcher;
  readonly roles: readonly NodeId[];
  readonly encrypted: boolean;
}

export function kept(session: ServerSession, watcher: Watcher): Kept {
  return { watcher, roles: watcher.context.getCurrentUserRoles(), encrypted: isEncrypted(session) };
}

/** Whoever had a session, with the rights that they had last. */
export function watcherFrom({ watcher, roles, encrypted }: Kept): Watcher {
  const { context, language, observes } = watcher;
  return { context: new KeptRights(context, roles, encrypted) as ISessionContext, language, observes };
}

class KeptRights extends SessionContext {
  readonly #roles: readonly NodeId[];
  readonly #encrypted: boolean;

  constructor(context: ISessionContext, roles: readonly NodeId[], encrypted: boolean) {
    const { session } = context;
    super(session && { session });
    this.#roles = roles;
    this.#encrypted = encrypted;
  }

  override getCurrentUserRoles(): NodeId[] {
    return [...this.#roles];
  }

  /** Whoever had no rights has none now. */
  override checkPermission(...[node, permission]: Parameters<SessionContext['checkPermission']>): boolean {
    return this.#roles.length > 0 && super.checkPermission(node, permission);
  }

  override isAccessRestricted(node: BaseNode): boolean {
    return !this.#encrypted && super.isAccessRestricted(node);
  }
}

export function isEncrypted(session: ServerSession): boolean {
  return session.channel?.securityMode === MessageSecurityMode.SignAndEncrypt;
}

/** Whether a session may receive events of a source, silent ones or all others. */
export function maySee({ context, observes }: Watcher, source: EventSource, silent: boolean): boolean {
  if (silent && !observes) return false;
  return (
    context.checkPermission(source.node, PermissionType.ReceiveEvents) &&
    !context.isAccessRestricted(source.node)
  );
}

/** The first language of a client that there are texts in, else English. */
function languageOf(preferred: readonly string[]): Language {
  for (const locale of preferred) {
    const language = locale.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'pl' || language === 'it') return language;
  }
  return 'en';
}
