import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attention } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';

/** What happened, in a sentence; and what a machine, a person or another server said of it. */
export interface AttentionText {
  title: string;
  detail?: string;
}

/** Parameters that are words of others, or of a log: shown as they are, and only where their language is that of the page. */
const QUOTED = ['reply', 'text', 'what', 'reason', 'problem'] as const;
const ALERT_RULES = ['refusal-rate', 'delivery-failures', 'queue-age', 'certificate', 'system-trouble'];

/** Attention in the language of the page, made of its kind and parameters. */
export function useAttentionText(): (item: Attention) => AttentionText {
  const { t, i18n } = useTranslation('overview');
  const format = useFormat();
  return useMemo(() => {
    const inDays = new Intl.RelativeTimeFormat(i18n.language, { numeric: 'auto' });
    const known = (key: string) => i18n.exists(key, { ns: 'overview', lng: i18n.language });
    const deviationsOf = (text: string) =>
      text
        .split(',')
        .map((one) => t(`deviation.${one}`, { defaultValue: one }))
        .join(', ');

    const filled = ({ parameters }: Attention): Record<string, string | number> => {
      const values: Record<string, string | number> = { who: t('alert.somebody'), ...parameters };
      for (const [name, value] of Object.entries(parameters)) {
        if (typeof value !== 'number') continue;
        if (name === 'days') values['inDays'] = inDays.format(value, 'day');
        else if (name === 'free' || name === 'minimum') values[name] = format.bytes(value);
        else if (name !== 'count') values[name] = format.number(value);
      }
      values['number'] = format.number(Number(parameters['count'] ?? 0));
      return values;
    };

    const keyOf = ({ kind, parameters: { days, code, rule, level, direction } }: Attention): string => {
      if (kind === 'alert') {
        if (known(`alarm.${code}`)) return `alarm.${code}`;
        return ALERT_RULES.includes(String(rule)) ? `alert.${rule}` : 'alert.other';
      }
      if (typeof days === 'number' && days < 0) return `ended.${kind}`;
      if (kind === 'source-contained') return `contained.${level}`;
      if (kind === 'clock-set') return `clock.${direction}`;
      return `attention.${kind}`;
    };

    return (item) => {
      const key = keyOf(item);
      const { reason, check, deviations, exception, failures, waiting } = item.parameters;
      const count = item.parameters['count'] ?? failures ?? waiting;
      const title =
        known(key) || known(`${key}_other`)
          ? t(key, {
              ...filled(item),
              ...(typeof count === 'number' && { count }),
              ...(item.kind === 'mail-held' && {
                reason: t(`hold.${reason}`, { defaultValue: String(reason) }),
              }),
              ...(item.kind === 'check-failed' && {
                check: t(`check.${check}`, { defaultValue: String(check) }),
              }),
              ...(exception !== undefined && {
                exception: t(`exception.${String(exception).replaceAll('.', '_')}`, {
                  defaultValue: String(exception),
                }),
              }),
            })
          : item.sentence;
      return { title, detail: detailOf(item, String(deviations ?? '')) };
    };

    function detailOf({ kind, parameters }: Attention, deviations: string): string | undefined {
      // the words of another server stay as they are in any language
      if (typeof parameters['reply'] === 'string') return parameters['reply'];
      if (i18n.language !== 'en') return deviations === '' ? undefined : deviationsOf(deviations);
      if (kind === 'mail-held') return undefined;
      const said = QUOTED.map((name) => parameters[name]).find((value) => typeof value === 'string');
      return said === undefined || said === '' ? undefined : said;
    }
  }, [t, i18n, format]);
}
