/** The words of states and classes of conditions, as OPC 10000-9 has them, in every language of sessions. */
import type { LocalizedText } from '../../domain/texts/texts.ts';

const words = (en: string, pl: string, it: string): LocalizedText => ({ en, pl, it });

export const STATE_WORDS = {
  enabled: words('Enabled', 'Włączony', 'Abilitato'),
  disabled: words('Disabled', 'Wyłączony', 'Disabilitato'),
  active: words('Active', 'Aktywny', 'Attivo'),
  inactive: words('Inactive', 'Nieaktywny', 'Inattivo'),
  acknowledged: words('Acknowledged', 'Potwierdzony', 'Riconosciuto'),
  unacknowledged: words('Unacknowledged', 'Niepotwierdzony', 'Non riconosciuto'),
  confirmed: words('Confirmed', 'Załatwiony', 'Confermato'),
  unconfirmed: words('Unconfirmed', 'Niezałatwiony', 'Non confermato'),
  suppressed: words('Suppressed', 'Stłumiony', 'Soppresso'),
  unsuppressed: words('Unsuppressed', 'Niestłumiony', 'Non soppresso'),
  outOfService: words('Out of Service', 'Wyłączony z eksploatacji', 'Fuori servizio'),
  inService: words('In Service', 'W eksploatacji', 'In servizio'),
  silenced: words('Silenced', 'Wyciszony', 'Silenziato'),
  notSilenced: words('Not Silenced', 'Niewyciszony', 'Non silenziato'),
  unshelved: words('Unshelved', 'Nieodłożony', 'Non accantonato'),
  timedShelved: words('Timed Shelved', 'Odłożony na czas', 'Accantonato a tempo'),
  oneShotShelved: words('One Shot Shelved', 'Odłożony jednorazowo', 'Accantonato una volta'),
} as const satisfies Readonly<Record<string, LocalizedText>>;

export type StateWord = keyof typeof STATE_WORDS;

export const CLASS_WORDS = {
  ProcessConditionClassType: words('Process', 'Proces', 'Processo'),
  MaintenanceConditionClassType: words('Maintenance', 'Konserwacja', 'Manutenzione'),
  SystemConditionClassType: words('System', 'System', 'Sistema'),
  SafetyConditionClassType: words('Safety', 'Bezpieczeństwo', 'Sicurezza'),
} as const satisfies Readonly<Record<string, LocalizedText>>;

export type ConditionClass = keyof typeof CLASS_WORDS;
