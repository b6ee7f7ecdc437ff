import { useTranslation } from 'react-i18next';

/** What a refusal code says, in a few words for administrators; a code that this console does not know as it is. */
export function useRefusalText(): (code: string) => string {
  const { t } = useTranslation('refusal-text');
  return (code) => t(`code.${code.toUpperCase()}`, { defaultValue: code });
}
