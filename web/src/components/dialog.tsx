import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A dialogue over the page; its cross has a name for who does not see it. */
export function Dialog(props: ModalProps) {
  const { t } = useTranslation('components');
  return <Modal closeButtonProps={{ 'aria-label': t('close') }} {...props} />;
}
