import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** Messages a day as people say them: few of them with a decimal, hardly any as "less than". */
export function useRate(): (perDay: number) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const whole = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 });
    const fine = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 });
    return (perDay) =>
      perDay > 0 && perDay < 0.1 ? `< ${fine.format(0.1)}` : (perDay >= 10 ? whole : fine).format(perDay);
  }, [i18n.language]);
}
