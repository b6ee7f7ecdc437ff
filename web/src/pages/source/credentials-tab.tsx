import {
  ActionIcon,
  Alert,
  Button,
  Group,
  List,
  Menu,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import Ellipsis from 'lucide-react/icons/ellipsis';
import KeyRound from 'lucide-react/icons/key-round';
import Plus from 'lucide-react/icons/plus';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiMutation, useApiQuery } from '../../api/queries.ts';
import type { Credential, IssuedCredential, Rotation, Source } from '../../api/schema.ts';
import { useFormat } from '../../app/format.ts';
import { useCan, useSession } from '../../app/session.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Piece } from '../../components/piece.tsx';
import { ProblemAlert } from '../../components/problem-alert.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import { Issued } from './issued.tsx';

const AddCredential = lazy(() => import('./add-credential.tsx'));
const RotateDialog = lazy(() => import('./rotate-dialog.tsx'));
const EditCredential = lazy(() => import('./edit-credential.tsx'));

export const CREDENTIAL_PATHS = [
  '/sources',
  '/sources/{name}',
  '/sources/{name}/credentials',
  '/sources/{name}/rotations',
  '/sources/{name}/handovers',
  '/sources/{name}/sheet',
];

/** How it proves who it is: what there is, what is being replaced, what is on its way to somebody. */
export default function CredentialsTab({ source }: { source: Source }) {
  const { t } = useTranslation('source');
  const mayAdd = useCan('operator');
  const mayAct = useSession().who.role !== 'auditor';
  const { name } = source;
  const { data, error, refetch } = useApiQuery('/sources/{name}/credentials', { params: { name } });
  const [isAdding, setAdding] = useState(false);
  const [rotated, setRotated] = useState<Credential>();
  const [edited, setEdited] = useState<Credential>();
  const [revoked, setRevoked] = useState<Credential>();
  const [issued, setIssued] = useState<IssuedCredential>();
  const [withRevoked, setWithRevoked] = useState(false);
  const revoke = useApiMutation('delete', '/sources/{name}/credentials/{credential}', CREDENTIAL_PATHS);
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={200} />;
  const active = data.items.filter(({ state }) => state === 'active');
  const shown = withRevoked ? data.items : active;
  const gone = data.items.length - active.length;
  return (
    <Stack gap="md">
      {issued && <Issued issued={issued} onClose={() => setIssued(undefined)} />}
      <Rotations name={name} mayAct={mayAct} />
      <Paper p="md" component="section" aria-label={t('tab.credentials')}>
        <Group justify="space-between" mb="xs">
          <Title order={2}>{t('tab.credentials')}</Title>
          {mayAdd && (
            <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>
              {t('credential.add')}
            </Button>
          )}
        </Group>
        {shown.length === 0 ? (
          <EmptyState icon={KeyRound} title={t('credential.none')}>
            {t('credential.noneText')}
          </EmptyState>
        ) : (
          <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table verticalSpacing="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('credential.what')}</Table.Th>
                  <Table.Th>{t('credential.from')}</Table.Th>
                  <Table.Th>{t('credential.lastUsed')}</Table.Th>
                  <Table.Th>{t('credential.ends')}</Table.Th>
                  <Table.Th>
                    <span className="visually-hidden">{t('credential.actions')}</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shown.map((credential) => (
                  <Row
                    key={credential.id}
                    credential={credential}
                    actions={
                      credential.state === 'active' &&
                      mayAct && (
                        <Menu position="bottom-end">
                          <Menu.Target>
                            <ActionIcon
                              variant="subtle"
                              color="gray"
                              aria-label={t('credential.actionsOf', { name: labelOf(credential) })}
                            >
                              <Ellipsis size={16} aria-hidden />
                            </ActionIcon>
                          </Menu.Target>
                          <Menu.Dropdown>
                            {!credential.canary &&
                              credential.rotation?.role !== 'old' &&
                              credential.kinds.some((kind) => kind === 'password' || kind === 'api-key') && (
                                <Menu.Item onClick={() => setRotated(credential)}>
                                  {t('credential.rotate')}
                                </Menu.Item>
                              )}
                            {mayAdd && (
                              <Menu.Item onClick={() => setEdited(credential)}>
                                {t('credential.edit')}
                              </Menu.Item>
                            )}
                            <Menu.Item color="red" onClick={() => setRevoked(credential)}>
                              {t('credential.revoke')}
                            </Menu.Item>
                          </Menu.Dropdown>
                        </Menu>
                      )
                    }
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {gone > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            mt="xs"
            onClick={() => setWithRevoked(!withRevoked)}
          >
            {t(withRevoked ? 'credential.hideRevoked' : 'credential.showRevoked', { count: gone })}
          </Button>
        )}
      </Paper>
      <Handovers name={name} mayAct={mayAct} credentials={data.items} />
      <Piece>
        {isAdding && <AddCredential source={source} onClose={() => setAdding(false)} onIssued={setIssued} />}
        {rotated && (
          <RotateDialog
            source={source}
            credential={rotated}
            onClose={() => setRotated(undefined)}
            onIssued={setIssued}
          />
        )}
        {edited && (
          <EditCredential source={source} credential={edited} onClose={() => setEdited(undefined)} />
        )}
      </Piece>
      <ConfirmAction
        opened={revoked !== undefined}
        onClose={() => setRevoked(undefined)}
        title={t('credential.revokeTitle', { name: revoked && labelOf(revoked) })}
        verb={t('credential.revoke')}
        danger
        run={() => revoke.mutateAsync({ params: { name, credential: revoked?.id ?? '' } })}
        done={t('credential.revoked')}
      >
        <Stack gap="xs">
          <Text size="sm">{t('credential.revokeText', { count: active.length - 1 })}</Text>
          {revoked?.lastUsedAt !== undefined && (
            <Text size="sm">
              {t('credential.lastUsed')}: <TimeText at={revoked.lastUsedAt} />, {revoked.lastUsedFrom}
            </Text>
          )}
        </Stack>
      </ConfirmAction>
    </Stack>
  );
}

export function labelOf({ label, account, networks, id }: Credential): string {
  return label || account || networks[0] || id;
}

function Row({ credential, actions }: { credential: Credential; actions: React.ReactNode }) {
  const { t } = useTranslation('source');
  const { kinds, label, account, networks, state, expiresAt, canary, cramMd5, rotation, lastUsedAt } =
    credential;
  const isOver = expiresAt !== undefined && expiresAt < Date.now();
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Text size="sm" fw={550}>
            {kinds.map((kind) => t(`kind.${kind}`)).join(' + ')}
          </Text>
          {state === 'revoked' && <StateBadge tone="quiet">{t('credential.isRevoked')}</StateBadge>}
          {isOver && state === 'active' && <StateBadge tone="bad">{t('credential.expired')}</StateBadge>}
          {canary && <StateBadge tone="info">{t('credential.canary')}</StateBadge>}
          {cramMd5 && <StateBadge tone="warn">CRAM-MD5</StateBadge>}
          {rotation && <StateBadge tone="info">{t(`credential.${rotation.role}`)}</StateBadge>}
        </Group>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{[label, account && t('credential.account', { account })].filter(Boolean).join(' · ')}</bdi>
        </Text>
      </Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Text size="sm">
          {networks.length > 0 ? networks.slice(0, 3).join(', ') : t('credential.anywhere')}
        </Text>
        {networks.length > 3 && (
          <Text size="xs" c="dimmed">
            +{networks.length - 3}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {lastUsedAt === undefined ? (
          <Text size="sm" c="dimmed">
            {t('credential.never')}
          </Text>
        ) : (
          <>
            <TimeText at={lastUsedAt} />
            <Text size="xs" c="dimmed">
              {credential.lastUsedFrom}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td>
        {expiresAt === undefined ? (
          <Text size="sm" c="dimmed">
            {t('credential.endless')}
          </Text>
        ) : (
          <TimeText at={expiresAt} />
        )}
      </Table.Td>
      <Table.Td align="right">{actions}</Table.Td>
    </Table.Tr>
  );
}

/** Replacements that are under way: who still uses the old secret, and the two ways to end it. */
function Rotations({ name, mayAct }: { name: string; mayAct: boolean }) {
  const { t } = useTranslation('source');
  const { data } = useApiQuery(
    '/sources/{name}/rotations',
    { params: { name } },
    { refetchInterval: 15_000 },
  );
  return data?.items.map((rotation) => (
    <RotationCard
      key={rotation.old.id}
      rotation={rotation}
      mayAct={mayAct}
      label={t('rotation.title', { name: labelOf(rotation.old) })}
    />
  ));
}

function RotationCard({ rotation, label, mayAct }: { rotation: Rotation; label: string; mayAct: boolean }) {
  const { t } = useTranslation('source');
  const format = useFormat();
  const [asked, setAsked] = useState<'complete' | 'cancel'>();
  const complete = useApiMutation(
    'post',
    '/sources/{name}/credentials/{credential}/complete-rotation',
    CREDENTIAL_PATHS,
  );
  const cancel = useApiMutation(
    'post',
    '/sources/{name}/credentials/{credential}/cancel-rotation',
    CREDENTIAL_PATHS,
  );
  const { old, stillUsedBy, source } = rotation;
  const unusedMs = old.rotation?.unusedMs;
  const isNewUsed = rotation.new?.lastUsedAt !== undefined;
  const params = { name: source, credential: old.id };
  return (
    <Alert color="postern" variant="light" title={label}>
      <Stack gap="xs">
        <Text size="sm">
          {unusedMs === undefined
            ? t('rotation.fixedEnd', {
                time: old.expiresAt === undefined ? '–' : format.dateTime(old.expiresAt),
              })
            : t('rotation.unusedEnd', { time: format.duration(unusedMs) })}{' '}
          {t(isNewUsed ? 'rotation.newUsed' : 'rotation.newUnused')}
        </Text>
        {stillUsedBy.length > 0 ? (
          <div>
            <Text size="sm" fw={600}>
              {t('rotation.stillUsed', { count: stillUsedBy.length })}
            </Text>
            <List size="sm">
              {stillUsedBy.slice(0, 6).map((use) => (
                <List.Item key={use.network}>
                  {use.network} <bdi>{use.hello}</bdi>, <TimeText at={use.lastAt} />
                </List.Item>
              ))}
            </List>
          </div>
        ) : (
          <Text size="sm">{t('rotation.notUsed')}</Text>
        )}
        {mayAct && (
          <Group gap="xs">
            <Button size="compact-sm" onClick={() => setAsked('complete')}>
              {t('rotation.complete')}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsked('cancel')}>
              {t('rotation.cancel')}
            </Button>
          </Group>
        )}
      </Stack>
      <ConfirmAction
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t(`rotation.${asked ?? 'complete'}`)}
        verb={t(`rotation.${asked ?? 'complete'}`)}
        danger
        run={() => (asked === 'cancel' ? cancel : complete).mutateAsync({ params })}
        done={t(`rotation.${asked ?? 'complete'}Done`)}
      >
        <Text size="sm">
          {asked === 'cancel'
            ? t('rotation.cancelText')
            : t('rotation.completeText', { count: stillUsedBy.length })}
        </Text>
      </ConfirmAction>
    </Alert>
  );
}

/** Links that hand a secret over, as long as they matter. */
function Handovers({
  name,
  mayAct,
  credentials,
}: {
  name: string;
  mayAct: boolean;
  credentials: Credential[];
}) {
  const { t } = useTranslation('source');
  const { data } = useApiQuery(
    '/sources/{name}/handovers',
    { params: { name } },
    { refetchInterval: 30_000 },
  );
  const [withdrawn, setWithdrawn] = useState<string>();
  const withdraw = useApiMutation('delete', '/sources/{name}/handovers/{handover}', CREDENTIAL_PATHS);
  if (!data || data.items.length === 0) return null;
  const tones = {
    waiting: 'info',
    fetched: 'good',
    expired: 'quiet',
    withdrawn: 'quiet',
    locked: 'bad',
  } as const;
  return (
    <Paper p="md" component="section" aria-label={t('handover.title')}>
      <Title order={2} mb="xs">
        {t('handover.title')}
      </Title>
      <Stack gap={0}>
        {data.items.slice(0, 10).map((one) => {
          const credential = credentials.find(({ id }) => id === one.credential);
          return (
            <Group key={one.id} justify="space-between" py={6} gap="sm">
              <Group gap="sm">
                <StateBadge tone={tones[one.state]}>{t(`handover.${one.state}`)}</StateBadge>
                <Text size="sm">{credential ? labelOf(credential) : one.credential}</Text>
                <Text size="xs" c="dimmed">
                  <TimeText at={one.endedAt ?? one.createdAt} /> {one.endedFrom}
                </Text>
              </Group>
              {one.state === 'waiting' && (
                <Group gap="sm">
                  <Text size="xs" c="dimmed">
                    {t('handover.until')} <TimeText at={one.expiresAt} />
                  </Text>
                  {mayAct && (
                    <Button size="compact-sm" variant="default" onClick={() => setWithdrawn(one.id)}>
                      {t('handover.withdraw')}
                    </Button>
                  )}
                </Group>
              )}
            </Group>
          );
        })}
      </Stack>
      <ConfirmAction
        opened={withdrawn !== undefined}
        onClose={() => setWithdrawn(undefined)}
        title={t('handover.withdrawTitle')}
        verb={t('handover.withdraw')}
        danger
        run={() => withdraw.mutateAsync({ params: { name, handover: withdrawn ?? '' } })}
        done={t('handover.withdrawnDone')}
      >
        <Text size="sm">{t('handover.withdrawText')}</Text>
      </ConfirmAction>
    </Paper>
  );
}
