/** What the administration API says where it does not do what it was asked, in the languages of people. */
import { filled, LANGUAGES, type Language } from '../../domain/texts/texts.ts';

const EN = {
  malformed: 'The request is not understood: {detail}',
  'token-missing': 'Send a token: “Authorization: Bearer <token>”. An administrator makes one for you.',
  'token-unknown':
    'This token is not known, or is good for nothing any more. Ask an administrator for a new one.',
  'too-many-wrong-tokens': 'Too many wrong tokens. Wait a quarter of an hour.',
  'too-many-requests': 'Too many requests. Wait a minute.',
  'too-many-streams': 'Too many programs follow the alarms already. Try again later.',
  'not-permitted': 'Your roles do not permit this. Ask an administrator.',
  'not-found': 'There is nothing at this address. In the id of an alarm, write “/” as %2F and “:” as %3A.',
  'client-unknown':
    'There is no client certificate with the thumbprint {thumbprint}, or an authority vouches for it. Let the client connect once, then list the clients.',
  'opcua-down':
    'The OPC UA server does not run. What is wrong stands in the notices of Sezam and in /health/ready.',
  starting: 'Sezam is starting. Try again in a moment.',
  failed: 'That did not work. Try again; if it fails again, what is wrong stands in the notices of Sezam.',
} as const;

/** Why a request was not taken, where that is no matter of an alarm. Codes are stable. */
export type FailureCode = keyof typeof EN;

const PL: Readonly<Record<FailureCode, string>> = {
  malformed: 'Żądanie jest niezrozumiałe: {detail}',
  'token-missing': 'Wyślij token: „Authorization: Bearer <token>”. Utworzy go administrator.',
  'token-unknown': 'Ten token jest nieznany albo stracił ważność. Poproś administratora o nowy.',
  'too-many-wrong-tokens': 'Zbyt wiele błędnych tokenów. Odczekaj kwadrans.',
  'too-many-requests': 'Zbyt wiele żądań. Odczekaj minutę.',
  'too-many-streams': 'Zbyt wiele programów śledzi już alarmy. Spróbuj później.',
  'not-permitted': 'Twoje role na to nie pozwalają. Zwróć się do administratora.',
  'not-found': 'Pod tym adresem nic nie ma. W identyfikatorze alarmu zapisz „/” jako %2F, a „:” jako %3A.',
  'client-unknown':
    'Nie ma certyfikatu klienta o odcisku {thumbprint} albo poręcza za niego urząd certyfikacji. Pozwól klientowi połączyć się raz, potem wyświetl listę klientów.',
  'opcua-down': 'Serwer OPC UA nie działa. Przyczynę podają komunikaty Sezamu i /health/ready.',
  starting: 'Sezam się uruchamia. Spróbuj za chwilę.',
  failed: 'Nie udało się. Spróbuj ponownie; jeśli znów się nie uda, przyczynę podają komunikaty Sezamu.',
};

const IT: Readonly<Record<FailureCode, string>> = {
  malformed: 'La richiesta non è comprensibile: {detail}',
  'token-missing': 'Inviare un token: «Authorization: Bearer <token>». Lo crea un amministratore.',
  'token-unknown': 'Questo token è sconosciuto o non è più valido. Chiederne uno nuovo a un amministratore.',
  'too-many-wrong-tokens': 'Troppi token errati. Attendere un quarto d’ora.',
  'too-many-requests': 'Troppe richieste. Attendere un minuto.',
  'too-many-streams': 'Troppi programmi seguono già gli allarmi. Riprovare più tardi.',
  'not-permitted': 'I Suoi ruoli non lo consentono. Rivolgersi a un amministratore.',
  'not-found':
    'A questo indirizzo non c’è nulla. Nell’identificativo di un allarme scrivere «/» come %2F e «:» come %3A.',
  'client-unknown':
    'Non c’è alcun certificato di client con l’impronta {thumbprint}, oppure ne garantisce un’autorità. Far connettere il client una volta, poi elencare i client.',
  'opcua-down':
    'Il server OPC UA non è in funzione. La causa è indicata negli avvisi di Sezam e in /health/ready.',
  starting: 'Sezam si sta avviando. Riprovare tra poco.',
  failed: 'Operazione non riuscita. Riprovare; se non riesce ancora, la causa è negli avvisi di Sezam.',
};

const TEXTS: Readonly<Record<Language, Readonly<Record<FailureCode, string>>>> = { en: EN, pl: PL, it: IT };

export const FAILURE_CODES = Object.keys(EN) as readonly FailureCode[];

/** Names and numbers that a sentence mentions. */
export type FailureValues = Readonly<Record<string, string | number>>;

/** The sentence for a failure. */
export function failureText(code: FailureCode, values: FailureValues, language: Language): string {
  return filled(TEXTS[language][code], values);
}

/** The language of ours that an `Accept-Language` asks for; English where it asks for none of them. */
export function languageIn(request: { acceptsLanguages(languages: string[]): string | false }): Language {
  const best = request.acceptsLanguages([...LANGUAGES]);
  return LANGUAGES.find((language) => language === best) ?? 'en';
}
