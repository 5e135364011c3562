// JSON and URLs can carry text that PostgreSQL can not keep: U+0000 and halves of surrogate pairs.

export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** What is expected, for messages. */
export const storableText = 'well-formed text without U+0000'
