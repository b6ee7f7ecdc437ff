import { Code, List, Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CodeBlock } from '../../components/code-block.tsx';
import classes from './evidence.module.css';

const PERMISSIONS = [
  { id: 'trace', name: 'ExchangeMessageTrace.Read.All', api: 'Microsoft Graph' },
  { id: 'hunting', name: 'ThreatHunting.Read.All', api: 'Microsoft Graph' },
  { id: 'domains', name: 'Domain.Read.All', api: 'Microsoft Graph' },
  { id: 'organisation', name: 'Exchange.ManageAsAppV2', api: 'Office 365 Exchange Online' },
] as const;
const CERTIFICATE =
  'openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj "/CN=postern audit" -keyout audit.key -out audit.pem';
const PRINCIPAL = 'New-MgServicePrincipal -AppId 8bd644d1-64a1-4d4b-ae52-2e0cbf64e373';

/** How the app registration is made, and why it can change nothing. */
export function Registration() {
  const { t } = useTranslation('direct-send-evidence');
  return (
    <Paper p="md" component="section" aria-labelledby="registration">
      <Stack gap="sm">
        <Title order={2} id="registration">
          {t('registration.title')}
        </Title>
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>{t('registration.new')}</List.Item>
          <List.Item>{t('registration.permissions')}</List.Item>
          <List.Item>{t('registration.credential')}</List.Item>
        </List>
        <table className={classes.parts}>
          <caption className="visually-hidden">{t('registration.permissions')}</caption>
          <tbody>
            {PERMISSIONS.map(({ id, name, api }) => (
              <tr key={id}>
                <th scope="row">
                  <Code>{name}</Code>
                  <Text size="xs" c="dimmed" fw={400}>
                    {api}
                  </Text>
                </th>
                <td>{t(`registration.for.${id}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Text size="sm">{t('registration.safe')}</Text>
        <div>
          <Text size="sm" mb={4}>
            {t('registration.certificate')}
          </Text>
          <CodeBlock value={CERTIFICATE} wrap />
        </div>
        <div>
          <Text size="sm" mb={4}>
            {t('registration.principal')}
          </Text>
          <CodeBlock value={PRINCIPAL} wrap />
        </div>
      </Stack>
    </Paper>
  );
}
