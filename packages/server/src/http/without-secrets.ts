// Text as it may be logged: what opens a door is taken out of it.

/** Parameters whose value is as good as a key, with the sign before them, `?`, `&` or `=` perhaps escaped. */
const secretParameters =
  /((?:\W|%(?:25)*(?:3f|26))(?:(?:s|%73)(?:i|%69)(?:g|%67)|access_token|token|code)(?:=|%(?:25)*3d))(?:(?!%(?:25)*26)[^&\s"'\\#])+/gi
/** A JSON Web Token, whole or cut: its header is a JSON object in base64. */
const tokens = /eyJ[\w-]{5,}\.(?:[\w-]+(?:\.[\w-]*)*)?/g

/**
 * `?sp=rl&sig=abc` becomes `?sp=rl&sig=***`. A text without secrets costs little more than a look at its characters:
 * every line of the log goes through here.
 */
export function withoutSecrets(text: string): string {
  const masked = text.includes('=') || text.includes('%') ? text.replace(secretParameters, '$1***') : text
  return masked.includes('eyJ') ? masked.replace(tokens, '***') : masked
}
