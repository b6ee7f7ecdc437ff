import { Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { Source } from '../../api/schema.ts';
import type { Column } from '../../components/data-table.tsx';
import { SourceState } from '../../components/source-state.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { TimeText } from '../../components/time-text.tsx';
import classes from './columns.module.css';

const DAY_MS = 86_400_000;
const SHOWN_TAGS = 2;

/** The list: who it is, how it is, when it last sent, who answers for it. */
export function columnsOf(t: TFunction<'sources'>): Column<Source>[] {
  return [
    {
      id: 'name',
      title: t('column.name'),
      width: 'minmax(220px, 2.4fr)',
      narrow: 'minmax(120px, 1fr)',
      sort: 'name',
      cell: ({ name, description }) => (
        <span className={classes.name} title={description === '' ? name : `${name}: ${description}`}>
          <Link to="/sources/$name/{-$tab}" params={{ name }} className={classes.link} tabIndex={-1}>
            {name}
          </Link>
          {description !== '' && (
            <Text span size="xs" c="dimmed" className={classes.description}>
              <bdi>{description}</bdi>
            </Text>
          )}
        </span>
      ),
    },
    {
      id: 'state',
      title: t('column.state'),
      width: '150px',
      narrow: '104px',
      sort: 'state',
      cell: (source) => <SourceState source={source} />,
    },
    {
      id: 'lastUsed',
      title: t('column.lastUsed'),
      width: '130px',
      narrow: '96px',
      sort: 'lastUsed',
      cell: ({ lastUsedAt }) =>
        lastUsedAt === undefined ? (
          <Text span size="sm" c="dimmed">
            {t('never')}
          </Text>
        ) : (
          <TimeText at={lastUsedAt} />
        ),
    },
    {
      id: 'credentials',
      title: t('column.credentials'),
      width: 'minmax(130px, 1.1fr)',
      wideOnly: true,
      cell: (source) => <Credentials source={source} t={t} />,
    },
    {
      id: 'owner',
      title: t('column.owner'),
      width: 'minmax(150px, 1.3fr)',
      sort: 'owner',
      wideOnly: true,
      cell: ({ owner }) =>
        owner === '' ? (
          <Text span size="sm" c="dimmed">
            {t('nobody')}
          </Text>
        ) : (
          <bdi title={owner}>{owner}</bdi>
        ),
    },
    {
      id: 'tags',
      title: t('column.tags'),
      width: 'minmax(120px, 1fr)',
      wideOnly: true,
      cell: ({ tags }) => (
        <Group gap={4} wrap="nowrap" title={tags.join(', ')}>
          {tags.slice(0, SHOWN_TAGS).map((tag) => (
            <StateBadge key={tag} tone="quiet">
              {tag}
            </StateBadge>
          ))}
          {tags.length > SHOWN_TAGS && (
            <Text span size="xs" c="dimmed">
              +{tags.length - SHOWN_TAGS}
            </Text>
          )}
        </Group>
      ),
    },
  ];
}

/** How it proves who it is; red or amber once that is about to end. */
function Credentials({ source, t }: { source: Source; t: TFunction<'sources'> }) {
  const { credentialKinds, nextExpiryAt, state } = source;
  const words = credentialKinds.map((kind) => t(`kind.${kind}`)).join(', ');
  const ends = nextExpiryAt !== undefined && state !== 'retired' ? nextExpiryAt - Date.now() : undefined;
  if (ends !== undefined && ends < 0)
    return <StateBadge tone="bad">{t('expired', { kinds: words })}</StateBadge>;
  if (ends !== undefined && ends < 14 * DAY_MS) {
    return (
      <StateBadge tone="warn">
        {t('expires', { kinds: words, count: Math.max(1, Math.ceil(ends / DAY_MS)) })}
      </StateBadge>
    );
  }
  return words === '' ? (
    <Text span size="sm" c="dimmed">
      {t('noCredential')}
    </Text>
  ) : (
    <span title={words}>{words}</span>
  );
}
