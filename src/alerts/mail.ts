import type { OwnMail, SystemMail } from '../deliver/system-mail.ts';
import { facts, headline, type Notice, plainLine } from './alert.ts';
import { ChannelError, type Sender, type SettingsOf } from './channel.ts';

/** The notice as a mail. */
function alertMail(notice: Notice, to: string[]): OwnMail {
  const pairs = facts(notice);
  const width = Math.max(...pairs.map(([name]) => name.length)) + 2;
  const { alert } = notice;
  const lines = [
    alert.text,
    '',
    ...pairs.map(([name, value]) => `${`${name}:`.padEnd(width)} ${value}`),
    '',
    `All of it:   postern alert show ${alert.id}`,
    `I know:      postern alert ack ${alert.id}`,
    `Not now:     postern alert mute add --rule ${alert.rule} --for 8h`,
    '',
  ];
  return { to, subject: plainLine(headline(notice), 200), text: lines.join('\n') };
}

export function mailSender({ to }: SettingsOf<'mail'>, systemMail: SystemMail): Sender {
  return {
    async send(notice) {
      try {
        await systemMail.send(alertMail(notice, to));
      } catch (error) {
        // the spool takes nothing now, or the relay stops: later it will; a wrong address stays wrong
        const retry = !(error instanceof RangeError);
        throw new ChannelError(error instanceof Error ? error.message : String(error), retry, {
          cause: error,
        });
      }
    },
    close() {},
  };
}
