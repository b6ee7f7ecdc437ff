import { useSuspenseQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { withFrenchSpaces } from '../../app/language.ts';
import type { DirectSendSender } from '../../api/schema.ts';

/** What the audit says in its report, and here. A code without a word is shown as it is. */
export interface AuditWords {
  /** Behind what is only likely. */
  perhaps: string;
  classes: Record<string, string>;
  classNotes: Record<string, string>;
  directSend: Record<string, string>;
  decisions: Record<string, string>;
  wayOut: Record<string, string>;
  why(line: Pick<DirectSendSender, 'class' | 'wayOut' | 'note'>): string;
  rhythm: Record<string, string>;
  missing: Record<string, string>;
  /** Evidence that would tell. */
  lacks: Record<string, string>;
  blind(spot: { code: string; days?: number }): string;
  findings: Record<string, (subject: string) => string>;
  after: { states: Record<string, string>; silentText(line: { perDay: string; days: number }): string };
  kinds: Record<string, string>;
  fileKinds: Record<string, string>;
  outcomes: Record<string, string>;
  fields: Record<string, string>;
  dns: string;
  /** A phrase of the rules in this language. */
  phrase(english: string): string;
}

// the report's own words: one vocabulary for the page and the paper
const TEXTS = import.meta.glob<Record<string, AuditWords>>([
  '../../../../src/audit/report/en.ts',
  '../../../../src/audit/report/fr.ts',
]);

export function useWords(): AuditWords {
  const { i18n } = useTranslation();
  const language = i18n.language === 'fr' ? 'fr' : 'en';
  const { data } = useSuspenseQuery({
    queryKey: ['words of the audit', language],
    queryFn: async () => {
      const words = (await TEXTS[`../../../../src/audit/report/${language}.ts`]?.())?.[language];
      if (!words) throw new Error(`there are no words in ${language}`);
      return language === 'fr' ? (spaced(words) as AuditWords) : words;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** The same texts with the spaces of French, those that functions answer too. */
function spaced(value: unknown): unknown {
  if (typeof value === 'string') return withFrenchSpaces(value);
  if (typeof value === 'function')
    return (...given: unknown[]) => spaced((value as (...all: unknown[]) => unknown)(...given));
  if (Array.isArray(value)) return value.map(spaced);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spaced(inner)]));
  return value;
}

/** `DMARC fails (+2)`: the points stay. */
export function phraseWithPoints(words: AuditWords, text: string): string {
  const [, phrase = text, points = ''] = /^(.*?)( \([+-]\d+\))$/.exec(text) ?? [];
  return `${words.phrase(phrase)}${points}`;
}
