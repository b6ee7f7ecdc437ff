import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { Domain, DomainRecord, SigningKey } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { ActivateKey } from './activate-key.tsx';
import classes from './domain.module.css';
import { RemoveKey } from './remove-key.tsx';

type Action = { kind: 'activate' | 'remove'; key: SigningKey };
const STEPS = ['made', 'published', 'signs', 'removed'] as const;

/** Rotations that are under way: where each is, and the one thing to do next. */
export function Rotations({ domain, records }: { domain: Domain; records: DomainRecord[] | undefined }) {
  const { t } = useTranslation('domain');
  const [action, setAction] = useState<Action>();
  const moving = domain.keys.filter(({ stage }) => stage !== 'active');
  const isPublished = ({ selector, publishedAt }: SigningKey) => {
    const result = records?.find((record) => record.selector === selector)?.result;
    return result === undefined || result === 'unknown' ? publishedAt !== undefined : result === 'published';
  };
  const activeOf = ({ algorithm }: SigningKey) =>
    domain.keys.find((key) => key.stage === 'active' && key.algorithm === algorithm);
  const close = () => setAction(undefined);
  if (moving.length === 0) return null;
  return (
    <section aria-labelledby="rotation">
      <Title order={2} id="rotation" mb="xs">
        {t('rotation.title')}
      </Title>
      <Group gap="sm" grow preventGrowOverflow={false}>
        {moving.map((key) => (
          <Rotation
            key={key.selector}
            moving={key}
            active={activeOf(key)}
            isPublished={isPublished(key)}
            onAction={setAction}
          />
        ))}
      </Group>
      {action?.kind === 'activate' && (
        <ActivateKey
          domain={domain.name}
          signing={action.key}
          active={activeOf(action.key)}
          isPublished={isPublished(action.key)}
          onClose={close}
        />
      )}
      {action?.kind === 'remove' && <RemoveKey domain={domain.name} signing={action.key} onClose={close} />}
    </section>
  );
}

function Rotation({
  moving,
  active,
  isPublished,
  onAction,
}: {
  moving: SigningKey;
  active: SigningKey | undefined;
  isPublished: boolean;
  onAction: (action: Action) => void;
}) {
  const { t } = useTranslation('domain');
  const { selector, stage } = moving;
  const done = stage === 'retiring' ? 3 : isPublished ? 2 : 1;
  const text =
    stage === 'retiring' ? 'retiring' : isPublished ? 'ready' : active === undefined ? 'first' : 'publish';
  return (
    <Paper p="md" maw={860} miw={280}>
      <ol
        className={classes.steps}
        aria-label={t('rotation.label', { algorithm: moving.algorithm === 'rsa-sha256' ? 'RSA' : 'Ed25519' })}
      >
        {STEPS.map((step, index) => {
          const state = index < done ? 'done' : index === done ? 'now' : 'later';
          return (
            <li
              key={step}
              className={classes.step}
              data-state={state}
              aria-current={state === 'now' ? 'step' : undefined}
            >
              {t(`rotation.step.${step}`)}
              <span className="visually-hidden">, {t(`rotation.${state}`)}</span>
            </li>
          );
        })}
      </ol>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <Trans
          t={t}
          i18nKey={`rotation.${text}`}
          values={{ selector, old: active?.selector }}
          components={{ b: <b />, old: <b /> }}
        />
      </Text>
      <Can role="operator">
        <Group gap="xs" mt="sm">
          {stage === 'next' ? (
            <>
              <Button
                size="xs"
                variant={isPublished ? 'filled' : 'default'}
                onClick={() => onAction({ kind: 'activate', key: moving })}
              >
                {t(isPublished ? 'rotation.activate' : 'rotation.activateEarly')}
              </Button>
              <Button size="xs" variant="subtle" onClick={() => onAction({ kind: 'remove', key: moving })}>
                {t('rotation.drop')}
              </Button>
            </>
          ) : (
            <Button size="xs" variant="default" onClick={() => onAction({ kind: 'remove', key: moving })}>
              {t('rotation.remove')}
            </Button>
          )}
        </Group>
      </Can>
    </Paper>
  );
}
