import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Characters that a password has at least; the relay asks for more than their number. */
export const LEAST_PASSWORD = 12;

/** The field for the first password of an account. */
export function NewPassword(props: PasswordInputProps) {
  const { t } = useTranslation('sign-in');
  return (
    <PasswordInput
      label={t('password.new')}
      description={t('password.help')}
      autoComplete="new-password"
      required
      withAsterisk={false}
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
      {...props}
    />
  );
}
