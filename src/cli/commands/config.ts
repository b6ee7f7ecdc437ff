import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { Output } from '../output.ts';

export function configCommand(postern: Command): void {
  postern
    .command('config')
    .description('the configuration file')
    .command('check')
    .description('read the configuration as start would, and say what is wrong with it')
    .option('--config <file>', 'configuration file (default: postern.toml, if there is one)')
    .option('--json', 'answer in JSON: the configuration with all defaults')
    .action(async (options: { config?: string; json?: boolean }) => {
      const { ConfigError, loadConfig } = await import('../../config/load.ts');
      const out = new Output(options.json ?? false);
      try {
        const loaded = loadConfig({ file: options.config, environment: process.env });
        out.answer(loaded.config, () =>
          out.done(
            `${loaded.file ?? 'No configuration file: the defaults'} can be used; data folder ${loaded.data}`,
          ),
        );
      } catch (error) {
        if (error instanceof ConfigError)
          throw new Failure(error.message, 1, { problems: error.message.split('\n') });
        throw error;
      }
    });
}
