import AppWindow from 'lucide-react/icons/app-window';
import CircleHelp from 'lucide-react/icons/circle-question-mark';
import Cloud from 'lucide-react/icons/cloud';
import Printer from 'lucide-react/icons/printer';
import Router from 'lucide-react/icons/router';
import Terminal from 'lucide-react/icons/terminal';
import type { ComponentType } from 'react';
import type { CredentialKind } from '../source/credential-fields.tsx';
import type { SourceValues } from '../source/values.ts';

type Policy = SourceValues['policy'];

/** What such a device usually needs, and no more. */
export interface DeviceKind {
  id: string;
  icon: ComponentType<{ size?: number | string; 'aria-hidden'?: boolean }>;
  tag: string;
  credential: CredentialKind;
  /** Form of the password; see GET /password-presets. */
  preset: string;
  policy: Partial<Policy>;
}

const MEGABYTE = 1_000_000;

function limits(minute: number, hour: number, day: number): Policy['limits'] {
  return [
    { unit: 'messages', per: 'minute', most: minute },
    { unit: 'messages', per: 'hour', most: hour },
    { unit: 'messages', per: 'day', most: day },
  ];
}

export const DEVICE_KINDS: DeviceKind[] = [
  {
    id: 'printer',
    icon: Printer,
    tag: 'printer',
    credential: 'password',
    preset: 'printer',
    policy: {
      recipients: { allow: 'internal', patterns: [] },
      limits: limits(30, 300, 1500),
      maxSize: 30 * MEGABYTE,
      maxRecipients: 20,
      connections: 5,
    },
  },
  {
    id: 'application',
    icon: AppWindow,
    tag: 'application',
    credential: 'password',
    preset: 'strong',
    policy: {
      recipients: { allow: 'any', patterns: [] },
      limits: limits(120, 2000, 10_000),
      connections: 20,
    },
  },
  {
    id: 'saas',
    icon: Cloud,
    tag: 'saas',
    credential: 'password',
    preset: 'strong',
    policy: {
      recipients: { allow: 'any', patterns: [] },
      limits: limits(60, 1000, 5000),
      connections: 20,
      // such services build good messages; what is not, is a sign
      repair: { missingHeaders: false, missingFrom: '', longLines: false, rawHeaders: false },
    },
  },
  {
    id: 'network-device',
    icon: Router,
    tag: 'network-device',
    credential: 'network',
    preset: 'printer',
    policy: {
      recipients: { allow: 'internal', patterns: [] },
      limits: limits(10, 60, 300),
      maxSize: MEGABYTE,
      maxRecipients: 10,
      connections: 2,
    },
  },
  {
    id: 'script',
    icon: Terminal,
    tag: 'script',
    credential: 'api-key',
    preset: 'strong',
    policy: {
      recipients: { allow: 'internal', patterns: [] },
      limits: limits(30, 300, 2000),
      maxSize: 10 * MEGABYTE,
      connections: 5,
    },
  },
  { id: 'other', icon: CircleHelp, tag: '', credential: 'password', preset: 'default', policy: {} },
];
