import { Alert } from '@mantine/core';
import RotateCw from 'lucide-react/icons/rotate-cw';
import { useTranslation } from 'react-i18next';
import { Changes } from './changes.tsx';
import type { Change } from './types.ts';

/** The file says something else than what runs. */
export function RestartBanner({ changes }: { changes: Change[] }) {
  const { t } = useTranslation('settings');
  return (
    <Alert
      color="orange"
      icon={<RotateCw size={17} aria-hidden />}
      title={t('restart.title', { count: changes.length })}
    >
      {t('restart.text')}
      <Changes changes={changes} />
    </Alert>
  );
}
