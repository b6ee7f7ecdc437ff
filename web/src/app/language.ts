import i18next, { type i18n } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export const LANGUAGES = { en: 'English', fr: 'Français' } as const;
export type Language = keyof typeof LANGUAGES;

const REMEMBERED = 'postern.language';

// each page brings its own texts, loaded with it, and so does a component with a folder: the namespace is its name
const TEXTS = import.meta.glob<{ default: Record<string, unknown> }>([
  '../pages/*/*.json',
  './*.json',
  '../components/*.json',
  '../components/*/*.json',
]);

function fileOf(language: string, namespace: string): string {
  if (namespace === 'app') return `./${language}.json`;
  if (namespace === 'components') return `../components/${language}.json`;
  const ofPage = `../pages/${namespace}/${language}.json`;
  return ofPage in TEXTS ? ofPage : `../components/${namespace}/${language}.json`;
}

function isLanguage(text: string | null | undefined): text is Language {
  return text != null && text in LANGUAGES;
}

/** Of whoever looks: in which the API is asked for its texts. */
export function useLanguage(): Language {
  const { language } = useTranslation().i18n;
  return isLanguage(language) ? language : 'en';
}

/** What was chosen here before, else what the browser asks for, else English. */
function firstLanguage(): Language {
  const remembered = localStorage.getItem(REMEMBERED);
  if (isLanguage(remembered)) return remembered;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
}

/** Spaces before `: ; ! ?` and inside quotation marks that no line breaks at, so that the files can have plain ones. */
export function withFrenchSpaces(texts: unknown): unknown {
  if (typeof texts === 'string') {
    return texts.replaceAll(/ (?=[:;!?»%])/g, '\u00a0').replaceAll(/« /g, '«\u00a0');
  }
  return Object.fromEntries(
    Object.entries(texts as object).map(([name, inner]) => [name, withFrenchSpaces(inner)]),
  );
}

/** Resolves when the texts are there; those that did not come before are asked for anew. @throws Error that `isMissingPiece` */
export async function needTexts(i18n: i18n, namespace: string): Promise<void> {
  await i18n.loadNamespaces(namespace);
  const areThere = () => i18n.hasResourceBundle(i18n.language, namespace);
  if (!areThere()) await i18n.reloadResources(i18n.language, namespace);
  if (!areThere()) throw new Error(`error loading the texts ${namespace}`);
}

/** Texts in the language of whoever looks; `app` and `components` are there before the first page. */
export async function startLanguage(): Promise<i18n> {
  const instance = i18next.createInstance();
  instance.on('languageChanged', (language: string) => {
    document.documentElement.lang = language;
    localStorage.setItem(REMEMBERED, language);
  });
  await instance
    .use(initReactI18next)
    .use({
      type: 'backend',
      init: () => {},
      read: (language: string, namespace: string, done: (error: unknown, texts: unknown) => void) => {
        const load = TEXTS[fileOf(language, namespace)];
        if (!load) return done(new Error(`there are no texts ${namespace} in ${language}`), null);
        load().then(
          ({ default: texts }) => done(null, language === 'fr' ? withFrenchSpaces(texts) : texts),
          // asked for anew, some times
          (error: unknown) => done(error, true),
        );
      },
    })
    .init({
      lng: firstLanguage(),
      fallbackLng: 'en',
      supportedLngs: Object.keys(LANGUAGES),
      ns: ['app', 'components'],
      defaultNS: 'app',
      interpolation: { escapeValue: false }, // React escapes
      returnNull: false,
      maxRetries: 2,
      retryTimeout: 350,
      react: { useSuspense: true },
    });
  document.documentElement.lang = instance.language;
  return instance;
}
