/** A relay with people of every role, and a browser at its console: what the stories of the console begin with. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StoryOptions, StoryRelay } from '../support/story-relay.ts';

export const ROLES = ['owner', 'operator', 'auditor', 'source-owner'] as const;
export type Role = (typeof ROLES)[number];

export const PASSWORD = 'a sentence for these stories';

/** `Olivia Owner` and her colleagues; a source owner is the owner of every source that `addSource` makes. */
export const PEOPLE: Record<Role, { email: string; name: string }> = {
  owner: { email: 'olivia@corp.test', name: 'Olivia Owner' },
  operator: { email: 'oscar@corp.test', name: 'Oscar Operator' },
  auditor: { email: 'audrey@corp.test', name: 'Audrey Auditor' },
  'source-owner': { email: 'owner@corp.test', name: 'Sam Source' },
};

/** Builds the console when its sources have changed since, so that a story shows the code as it is. @returns its name */
export function buildConsole(): string {
  const tool = fileURLToPath(new URL('../../tools/web.mjs', import.meta.url));
  const said = execFileSync(process.execPath, [tool], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const name = /([0-9a-f]{12}) \(/.exec(said)?.[1];
  if (name === undefined) throw new Error(`the console was not built: ${said}`);
  return name;
}

export class ConsoleRelay extends StoryRelay {
  constructor({ environment, ...options }: StoryOptions = {}) {
    // this build alone, whatever is built beside the story
    super({ ...options, environment: { POSTERN_CONSOLE_BUILD: buildConsole(), ...environment } });
  }

  /** A later start is at the same address. */
  override async start(): Promise<this> {
    await super.start();
    // a page that waits for it finds it there again
    const file = path.join(this.folder, 'postern.toml');
    const { port } = new URL(this.address);
    writeFileSync(file, readFileSync(file, 'utf8').replace('[api]\nport = 0\n', `[api]\nport = ${port}\n`));
    return this;
  }

  /** Everybody of `PEOPLE`, ready to sign in. */
  async addPeople(): Promise<void> {
    for (const role of ROLES) {
      const { body } = await this.api<{ invitation: string }>('POST', '/people', { ...PEOPLE[role], role });
      const accepted = await this.request('POST', '/api/v1/session/invitation', {
        headers: { 'x-postern-request': '1' },
        body: JSON.stringify({ invitation: body.invitation, password: PASSWORD }),
      });
      if (accepted.status !== 200) throw new Error(`${role}: ${JSON.stringify(accepted.body)}`);
    }
  }

  /** A few sources and some mail that the sandbox takes, for pages that would be empty. */
  async addSampleMail(): Promise<void> {
    await this.api('POST', '/domains', { name: 'corp.test', internal: true });
    for (const name of ['erp-production', 'scanner-3rd-floor', 'monitoring']) {
      const password = await this.addSource(name, '--from', 'corp.test', '--recipients', 'any');
      const session = await this.session(name, password);
      for (let number = 1; number <= 3; number++) {
        await session.send({
          from: `${name}@corp.test`,
          to: ['desk@corp.test'],
          content: Buffer.from(
            `From: ${name}@corp.test\r\nTo: desk@corp.test\r\nSubject: Report ${number}\r\n\r\nNumber ${number}.\r\n`,
          ),
        });
      }
      session.destroy();
    }
  }
}
