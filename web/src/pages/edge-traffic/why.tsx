import { useTranslation } from 'react-i18next';
import type { EdgeMessage } from '../../api/schema.ts';

/** The reason of the decision, in a few words. */
export function Why({ message }: { message: EdgeMessage }) {
  const { t } = useTranslation('edge-traffic');
  const { t: words } = useTranslation('verdicts');
  const { code, spoof, imitates, connector, attribution, directSend, reasons } = message;
  if (code !== undefined) return words(`code.${code}`, { defaultValue: code });
  if (spoof !== undefined) return t(`spoof.${spoof}`, { of: imitates, defaultValue: spoof });
  if (attribution === 'originating') return t('why.own', { connector });
  if (connector !== undefined) return t('why.partner', { connector });
  if (reasons[0] !== undefined) return reasons[0];
  return t(directSend ? 'why.directSend' : 'why.nothing');
}
