import { TagsInput, type TagsInputProps } from '@mantine/core';

/** Several words without spaces, such as domains or addresses: typed, pasted, with commas or without. */
export function WordsInput({ onChange, ...rest }: TagsInputProps) {
  return (
    <TagsInput
      splitChars={[',', ' ', ';']}
      acceptValueOnBlur
      {...rest}
      // what was pasted, or left in the field, may be several
      onChange={(values) =>
        onChange?.(
          [...new Set(values.flatMap((value) => value.split(/[\s,;]+/)))].filter((word) => word !== ''),
        )
      }
    />
  );
}
