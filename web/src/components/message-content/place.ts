import type { MessageContent } from '../../api/schema.ts';

/** Where a message is kept, as the API names it. */
export interface MessagePlace {
  path: '/inbox/{id}' | '/messages/{message}' | '/lab/messages/{id}';
  /** Its name there. */
  id: string;
}

export type Attachment = MessageContent['attachments'][number];
export type Findings = NonNullable<MessageContent['html']>['findings'];
export type FoundLink = Findings['links'][number];

/** `/api/v1/inbox/12/content/html` */
export function addressIn({ path, id }: MessagePlace, rest: string): string {
  return `/api/v1${path.replace(/\{\w+\}/, encodeURIComponent(id))}${rest}`;
}
