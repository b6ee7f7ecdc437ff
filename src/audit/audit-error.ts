/** What keeps an audit from going on, in one sentence for the person who asked for it. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  /**
   * `domains`: nobody said whose mail it is; `evidence`: what was named can not be read; `folder`: the audit's own folder;
   * `none`: there is no answer yet; `not-found`: no such sender or campaign.
   */
  readonly code: 'domains' | 'evidence' | 'folder' | 'none' | 'not-found';

  constructor(code: AuditError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
