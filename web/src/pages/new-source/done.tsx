import { Alert, Button, Group, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { IssuedCredential } from '../../api/schema.ts';
import { Issued } from '../source/issued.tsx';
import { Sheet } from '../source/sheet-tab.tsx';

/** The end of the way: the secret this once, and what to type into the device. */
export function Done({
  name,
  issued,
  isRequest,
}: {
  name: string;
  issued: Partial<IssuedCredential>;
  isRequest: boolean;
}) {
  const { t } = useTranslation('new-source');
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <Stack gap="md" ref={place} tabIndex={-1} style={{ outline: 'none' }}>
      <Alert color="green" role="status" title={t(isRequest ? 'done.asked' : 'done.added', { name })}>
        {t(isRequest ? 'done.askedText' : 'done.addedText')}
      </Alert>
      <div className="no-print">
        <Issued issued={issued} />
      </div>
      <Sheet name={name} />
      <Group gap="xs" className="no-print">
        <Button component={Link} to="/sources/$name/{-$tab}" params={{ name } as never}>
          {t('done.show')}
        </Button>
        <Button component={Link} to="/sources" variant="default">
          {t('done.list')}
        </Button>
      </Group>
    </Stack>
  );
}
