import { ActionIcon, Code, Text } from '@mantine/core';
import Download from 'lucide-react/icons/download';
import { useTranslation } from 'react-i18next';
import type { MessagePart } from '../../api/schema.ts';
import { Bytes } from '../bytes.tsx';
import { save } from './attachments.tsx';
import classes from './message-content.module.css';
import type { MessagePlace } from './place.ts';

/** The parts of the message, as they lie in each other. */
export function Structure({ place, root }: { place: MessagePlace; root: MessagePart }) {
  return (
    <ul className={classes.tree}>
      <Node place={place} part={root} />
    </ul>
  );
}

function Node({ place, part }: { place: MessagePlace; part: MessagePart }) {
  const { t } = useTranslation('message-content');
  const { part: number, type, encoding, size, name, children } = part;
  return (
    <li>
      <div className={classes.node}>
        <Code>{number}</Code>
        <span>{type}</span>
        {name !== undefined && <span className={classes.name}>{name}</span>}
        <Text size="xs" c="dimmed">
          {encoding} · <Bytes octets={size} />
        </Text>
        {children.length === 0 && (
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={t('attachments.save', { name: name ?? number })}
            onClick={() => save(place, { part: number })}
          >
            <Download size={14} aria-hidden />
          </ActionIcon>
        )}
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Node key={child.part} place={place} part={child} />
          ))}
        </ul>
      )}
    </li>
  );
}
