import { Alert, Anchor, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import Ban from 'lucide-react/icons/ban';
import Send from 'lucide-react/icons/send';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApiQuery } from '../../api/queries.ts';
import type { ProvenDirectSendSender } from '../../api/schema.ts';
import { Can } from '../../app/session.tsx';
import { useRate } from '../../components/audit/rate.ts';
import { useWords } from '../../components/audit/words.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { ConfirmAction } from '../../components/confirm-action.tsx';
import { Piece } from '../../components/piece.tsx';
import { useDecide } from './use-decide.ts';

const CreateSource = lazy(() => import('./create-source.tsx'));

/** How the sender gets off Direct Send, and the button that does it. */
export function WayOut({ sender, etag }: { sender: ProvenDirectSendSender; etag: string | undefined }) {
  const { t } = useTranslation('direct-send-sender');
  const words = useWords();
  const { wayOut } = sender;
  return (
    <Paper p="md" component="section" aria-labelledby="way-out">
      <Stack gap="sm">
        <div>
          <Title order={2} id="way-out">
            {t('way.title', { way: words.wayOut[wayOut.kind] ?? wayOut.kind })}
          </Title>
          <Text size="sm">{words.why(sender)}</Text>
        </div>
        {wayOut.kind === 'relay-source' && wayOut.row && <Relay sender={sender} etag={etag} />}
        {wayOut.kind === 'custom-return-path' && wayOut.domain !== undefined && (
          <CodeBlock value={wayOut.domain} label={t('way.copyDomain')} />
        )}
        {wayOut.powershell !== undefined && (
          <div>
            <Text size="sm" mb={4}>
              {t(wayOut.kind === 'custom-return-path' ? 'way.orConnector' : 'way.connector')}
            </Text>
            <CodeBlock value={wayOut.powershell} label={t('way.copyConnector')} wrap />
            <Text size="xs" c="dimmed" mt={4}>
              {t('way.trust')}
            </Text>
          </div>
        )}
        {wayOut.kind === 'fix-forwarding' && (
          <div>
            <Text size="sm" mb={4}>
              {t('way.letter')}
            </Text>
            <CodeBlock
              value={t('way.letterText', {
                domains: Object.keys(sender.domains).slice(0, 5).join(', '),
                addresses: sender.addresses.slice(0, 5).join(', ') || '?',
              })}
              label={t('way.copyLetter')}
              wrap
            />
          </div>
        )}
        {wayOut.kind === 'investigate' && (
          <Anchor component={Link} to="/direct-send/evidence" search={{ tab: 'export' } as never} size="sm">
            {t('way.gather')}
          </Anchor>
        )}
        {sender.directSend !== 'no' && sender.note?.decision !== 'blocked' && (
          <Break sender={sender} etag={etag} />
        )}
      </Stack>
    </Paper>
  );
}

function Relay({ sender, etag }: { sender: ProvenDirectSendSender; etag: string | undefined }) {
  const { t } = useTranslation('direct-send-sender');
  const [isOpen, setOpen] = useState(false);
  const name = sender.wayOut.row?.name ?? '';
  const sources = useApiQuery('/sources', { query: { search: name } });
  const made = sources.data?.items.find((source) => source.name === name);
  if (made)
    return (
      <Alert color="green" title={t('way.made')}>
        <Anchor component={Link} to="/sources/$name" params={{ name: made.name } as never} size="sm">
          {made.name}
        </Anchor>
        <Text size="sm">{t('way.madeText')}</Text>
      </Alert>
    );
  return (
    <div>
      <Can role="operator" why>
        {(may) => (
          <Button
            leftSection={<Send size={15} aria-hidden />}
            disabled={!may || sources.isPending}
            onClick={() => setOpen(true)}
          >
            {t('way.create')}
          </Button>
        )}
      </Can>
      <Piece>{isOpen && <CreateSource sender={sender} etag={etag} onClose={() => setOpen(false)} />}</Piece>
    </div>
  );
}

function Break({ sender, etag }: { sender: ProvenDirectSendSender; etag: string | undefined }) {
  const { t } = useTranslation('direct-send-sender');
  const rate = useRate();
  const decide = useDecide(sender, etag);
  const [isOpen, setOpen] = useState(false);
  return (
    <Can role="operator">
      <Group>
        <Button
          variant="subtle"
          color="red"
          size="compact-sm"
          leftSection={<Ban size={14} aria-hidden />}
          onClick={() => setOpen(true)}
        >
          {t('way.break')}
        </Button>
      </Group>
      <ConfirmAction
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t('way.breakTitle', { name: short(sender.name) })}
        verb={t('way.break')}
        danger
        run={() => decide({ decision: 'blocked' })}
      >
        {t('way.breakText', { rate: rate(sender.messages.perDay) })}
      </ConfirmAction>
    </Can>
  );
}

function short(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}
