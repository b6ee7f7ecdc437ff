import { Button, Menu } from '@mantine/core';
import ChevronDown from 'lucide-react/icons/chevron-down';
import Download from 'lucide-react/icons/download';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';

const FORMATS = ['csv', 'json', 'sources', 'connectors'] as const;

/** The result as files. */
export function ExportMenu() {
  const { t } = useTranslation('direct-send');
  const href = (format: string, language?: string) => addressOf('/audit/export', {}, { format, language });
  return (
    <Menu position="bottom-end" width={330}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<Download size={15} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          {t('export.open')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('export.report')}</Menu.Label>
        <Menu.Item component="a" href={href('html', 'en')} download lang="en">
          {t('export.en')}
        </Menu.Item>
        <Menu.Item component="a" href={href('html', 'fr')} download lang="fr">
          {t('export.fr')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('export.files')}</Menu.Label>
        {FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={href(format)} download>
            {t(`export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
