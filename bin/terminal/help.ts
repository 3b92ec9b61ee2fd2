import { Help, type HelpConfiguration, type Option } from 'commander';

/** What every command's help has: options that a command can't do without are marked. */
export const HELP: HelpConfiguration = {
  optionDescription: (option: Option) => `${new Help().optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
};
